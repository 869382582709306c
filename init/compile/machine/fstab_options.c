/* SPDX-License-Identifier: MIT
 * Options of a line of fstab, as mount(8) knows them: see machine.h. Those that have a flag of
 * mount(2) become it; what is left is the file system's own.
 */
#include "base/count.h"
#include "compile/machine/machine.h"
#include "walls/compile.h"
#include <string.h>
#include <sys/mount.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
/* kernel's, absent from libc: no mandatory locks since Linux 5.15, which says so itself */
#define FLAG_MANDLOCK 64u

#define SAFE (MS_NOSUID | MS_NODEV)

static const struct {
	const char *name;
	uint32_t set, clear, extra;
} known[] = {
	{"defaults", 0, 0, 0}, {"auto", 0, 0, 0}, {"noauto", 0, 0, 0}, /* whose lines are left out */
	{"nofail", 0, 0, MOUNT_NOFAIL}, {"rw", 0, MS_RDONLY, 0}, {"ro", MS_RDONLY, 0, 0},
	{"suid", 0, MS_NOSUID, 0}, {"nosuid", MS_NOSUID, 0, 0}, {"dev", 0, MS_NODEV, 0},
	{"nodev", MS_NODEV, 0, 0}, {"exec", 0, MS_NOEXEC, 0}, {"noexec", MS_NOEXEC, 0, 0},
	{"async", 0, MS_SYNCHRONOUS, 0}, {"sync", MS_SYNCHRONOUS, 0, 0}, {"dirsync", MS_DIRSYNC, 0, 0},
	{"atime", 0, MS_NOATIME, 0}, {"noatime", MS_NOATIME, 0, 0}, {"diratime", 0, MS_NODIRATIME, 0},
	{"nodiratime", MS_NODIRATIME, 0, 0}, {"relatime", MS_RELATIME, 0, 0},
	{"norelatime", 0, MS_RELATIME, 0}, {"strictatime", MS_STRICTATIME, 0, 0},
	{"nostrictatime", 0, MS_STRICTATIME, 0}, {"lazytime", MS_LAZYTIME, 0, 0},
	{"nolazytime", 0, MS_LAZYTIME, 0}, {"symfollow", 0, MS_NOSYMFOLLOW, 0},
	{"nosymfollow", MS_NOSYMFOLLOW, 0, 0}, {"iversion", MS_I_VERSION, 0, 0},
	{"noiversion", 0, MS_I_VERSION, 0}, {"mand", FLAG_MANDLOCK, 0, 0},
	{"nomand", 0, FLAG_MANDLOCK, 0}, {"silent", MS_SILENT, 0, 0}, {"loud", 0, MS_SILENT, 0},
	{"bind", MS_BIND, 0, 0}, {"rbind", MS_BIND | MS_REC, 0, 0},
	/* Who may mount it is nobody but PID 1; what follows from it for the files stays. */
	{"user", SAFE | MS_NOEXEC, 0, 0}, {"users", SAFE | MS_NOEXEC, 0, 0}, {"owner", SAFE, 0, 0},
	{"group", SAFE, 0, 0}, {"nouser", 0, 0, 0}, {"nousers", 0, 0, 0}, {"noowner", 0, 0, 0},
	{"nogroup", 0, 0, 0}, {"_netdev", 0, 0, FSTAB_NETWORK},
	{"X-mount.mkdir", 0, 0, 0}, /* a directory that is missing is made */
};

/* What mount(8) does by itself, and PID 1 does not. NAME= stands for every value. */
static const struct {
	const char *name, *instead;
} refused[] = {
	{"remount", "each line is mounted once"},
	{"move", "each line is mounted once"},
	{"loop", "no loop device is set up: a service may do that, with losetup(8)"},
	{"loop=", "no loop device is set up: a service may do that, with losetup(8)"},
	{"offset=", "no loop device is set up: a service may do that, with losetup(8)"},
	{"sizelimit=", "no loop device is set up: a service may do that, with losetup(8)"},
	{"private", "propagation is not set by fstab"},
	{"rprivate", "propagation is not set by fstab"},
	{"shared", "propagation is not set by fstab"},
	{"rshared", "propagation is not set by fstab"},
	{"slave", "propagation is not set by fstab"},
	{"rslave", "propagation is not set by fstab"},
	{"unbindable", "propagation is not set by fstab"},
	{"runbindable", "propagation is not set by fstab"},
	{"X-mount.", "only X-mount.mkdir is known"},
};

/* Words for other programs. */
static bool is_comment(struct span option)
{
	static const char *const starts[] = {"x-", "X-mount.mkdir=", "comment=", "helper=", "uhelper="};
	for (size_t i = 0; i < COUNT(starts); i++)
		if (span_starts(option, starts[i]))
			return true;
	return span_starts(option, "X-") && !span_starts(option, "X-mount.");
}

static bool is_refused(struct span option, const char *name)
{
	char last = name[strlen(name) - 1];
	return last == '=' || last == '.' ? span_starts(option, name) : span_is(option, name);
}

static bool add_known(struct fstab_options *o, struct span option)
{
	for (size_t i = 0; i < COUNT(known); i++) {
		if (!span_is(option, known[i].name))
			continue;
		o->flags = (o->flags | known[i].set) & ~known[i].clear;
		o->extra |= known[i].extra;
		return true;
	}
	return false;
}

static int add_option(struct fstab_options *o, struct span option, struct diag *d)
{
	if (span_starts(option, "x-systemd."))
		diag_note(d, "%.*s has no effect: %s", SPAN_ARGS(option),
			span_starts(option, "x-systemd.device-timeout=")
				? "devices are waited for until 10 s after the first line, with nofail not at all"
				: "it is systemd's");
	if (add_known(o, option) || is_comment(option))
		return 0;
	for (size_t i = 0; i < COUNT(refused); i++)
		if (is_refused(option, refused[i].name))
			return diag_error(d, "%.*s: %s", SPAN_ARGS(option), refused[i].instead);
	o->own = diag_text("%s%s%.*s", o->own ? o->own : "", o->own ? "," : "", SPAN_ARGS(option));
	return 0;
}

int fstab_check_type(struct span type, struct diag *d)
{
	if (span_is(type, "auto"))
		return diag_error(d, "auto: no file system is probed, expected its own type like ext4");
	if (memchr(type.p, ',', type.n))
		return diag_error(d, "%.*s: expected one type, like ext4", SPAN_ARGS(type));
	if (span_is(type, "none"))
		return diag_error(d, "none: only a bind or rbind has no type, expected one like ext4");
	if (span_is(type, "fuse") || span_starts(type, "fuse."))
		return diag_error(d, "%.*s: a program serves such a file system: a service may run it",
			SPAN_ARGS(type));
	return 0;
}

int fstab_read_options(struct span options, struct fstab_options *out, struct diag *d)
{
	struct span one;
	int err = 0;
	*out = (struct fstab_options){0};
	while (err == 0 && span_part(&options, ',', &one))
		if (one.n > 0)
			err = add_option(out, one, d);
	if (err == 0 && out->own && out->flags & MS_BIND)
		diag_note(d, "has no effect with bind: %s", out->own);
	return err;
}
