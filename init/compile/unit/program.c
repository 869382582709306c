/* SPDX-License-Identifier: MIT
 * The program of a command, as the service will find it: see users.h.
 */
#include "base/errname.h"
#include "compile/files/files.h"
#include "compile/unit/users.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_PARTS 64 /* the loader's comes among the first */

/* Inside RootDirectory; `host` then reads as where that is. */
static int stat_in_root(const struct service *s, char *host, size_t cap, struct stat *st)
{
	char top[600], inside[500];
	snprintf(top, sizeof(top), "%.*s", SPAN_ARGS(s->filesystem.root_directory));
	snprintf(inside, sizeof(inside), "%.499s", host);
	int err = files_stat_below(top, inside, st);
	snprintf(host, cap, "%s%s", top, inside);
	return err;
}

/* What another program needs to run, from the place where the service sees it. */
static bool is_missing(const struct service *s, const char *name, char *host, size_t cap)
{
	struct span rule = {NULL, 0};
	struct stat st;
	return name[0] == '/' &&
		filesystem_locate(&s->filesystem, span_of(name), host, cap, &rule) == 1 &&
		files_stat(host, &st) == -ENOENT;
}

/* Where an ELF file has what is asked for here: the plan may be for another class than ours. */
static const struct elf_form {
	size_t table, entry_size, entries; /* in its header */
	size_t offset, width;              /* in a program header; width: of an offset */
} elf_forms[] = {
	[0] = {offsetof(Elf32_Ehdr, e_phoff), offsetof(Elf32_Ehdr, e_phentsize),
		offsetof(Elf32_Ehdr, e_phnum), offsetof(Elf32_Phdr, p_offset), 4},
	[1] = {offsetof(Elf64_Ehdr, e_phoff), offsetof(Elf64_Ehdr, e_phentsize),
		offsetof(Elf64_Ehdr, e_phnum), offsetof(Elf64_Phdr, p_offset), 8},
};

static uint64_t number_at(const unsigned char *p, size_t width)
{
	uint64_t v = 0;
	while (width-- > 0)
		v = v << 8 | p[width];
	return v;
}

/* PT_INTERP of a file whose header is `head`: false if there is none. */
static bool read_loader(int fd, const struct elf_form *f, const unsigned char *head, char *name,
	size_t cap)
{
	unsigned char part[sizeof(Elf64_Phdr)];
	uint64_t at = number_at(head + f->table, f->width), n = number_at(head + f->entries, 2);
	for (n = n < MOST_PARTS ? n : MOST_PARTS; n > 0;
		 n--, at += number_at(head + f->entry_size, 2)) {
		if (pread(fd, part, sizeof(part), (off_t)at) != (ssize_t)sizeof(part))
			return false;
		if (number_at(part, 4) != PT_INTERP)
			continue;
		ssize_t got = pread(fd, name, cap - 1, (off_t)number_at(part + f->offset, f->width));
		name[got > 0 ? got : 0] = '\0';
		return got > 0;
	}
	return false;
}

/* The kernel says "no such file" of a program whose loader is missing, and "exec format error" of
 * one for another machine. Notes, for it may run such programs by binfmt_misc. */
static void check_elf(const struct service *s, const char *path, struct diag *d)
{
	unsigned char head[sizeof(Elf64_Ehdr)] = {0};
	char name[256], host[1100];
	uint32_t arch = seccomp_native(); /* has the machine and, above, 64 bits and byte order */
	bool wide = arch & __AUDIT_ARCH_64BIT;
	int fd = files_open(path, O_RDONLY | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : pread(fd, head, sizeof(head), 0);
	bool is_elf = n == (ssize_t)sizeof(head) && memcmp(head, ELFMAG, SELFMAG) == 0;
	bool ours = head[EI_CLASS] == (wide ? ELFCLASS64 : ELFCLASS32) &&
		head[EI_DATA] == ELFDATA2LSB &&
		number_at(head + offsetof(Elf64_Ehdr, e_machine), 2) == (arch & 0xffff);
	if (is_elf && !ours && !s->seccomp.extra)
		diag_note(d,
			"%s is a program for another machine than the plan: the kernel does not run it", path);
	else if (is_elf && ours && read_loader(fd, &elf_forms[wide], head, name, sizeof(name)) &&
		is_missing(s, name, host, sizeof(host)))
		diag_note(d, "%s needs a loader that is not there: %s", path, host);
	if (fd >= 0)
		close(fd);
}

/* What the kernel says of these is that there is no such file, and that would be the script. */
static void check_script(const struct service *s, const char *script, struct diag *d)
{
	char line[256], host[1100], *name = line + 2; /* of a line the kernel reads as much */
	int is_script = files_interpreter_line(script, line, sizeof(line));
	if (is_script == 0 && memcmp(line, ELFMAG, SELFMAG) != 0)
		diag_note(d,
			"%s neither is a program nor names an interpreter (#!): without binfmt_misc the kernel does not run it",
			script);
	if (is_script == 0)
		check_elf(s, script, d);
	if (is_script <= 0)
		return;
	if (line[strlen(line) - 1] == '\r') {
		diag_error(d,
			"%s: its first line ends in a carriage return, which counts as a part of it: expected lines that end in a newline alone",
			script);
		return;
	}
	name += strspn(name, " \t");
	name[strcspn(name, " \t")] = '\0';
	if (is_missing(s, name, host, sizeof(host)))
		diag_error(d, "%s needs an interpreter that is not there: %s", script, host);
}

void program_check(const struct service *s, const char *path, bool optional, struct diag *d)
{
	char host[1100];
	struct span rule = {NULL, 0};
	struct stat st;
	int where = filesystem_locate(&s->filesystem, span_of(path), host, sizeof(host), &rule);
	if (!(s->namespaces.own & NS_MOUNT)) {
		where = 1;
		snprintf(host, sizeof(host), "%s", path);
	}
	if (where == -EACCES)
		diag_error(d, "%s is hidden from the service by InaccessiblePaths %.*s", path,
			SPAN_ARGS(rule));
	else if (where == -EPERM)
		diag_error(d, "%s may not be executed: NoExecPaths %.*s", path, SPAN_ARGS(rule));
	if (where <= 0 || !files_have_root())
		return;
	int err = where == 1 ? files_stat(host, &st) : stat_in_root(s, host, sizeof(host), &st);
	/* The root may be on a partition that the build does not have. */
	if (where == 2 && err == -ENOTDIR)
		return;

	if (err < 0 && optional)
		diag_note(d, "%s is not there (%s), which the leading - allows", host, err_name(err));
	else if (err < 0)
		diag_error(d, "%s is not there: %s (%s)", host, err_text(err), err_name(err));
	else if (!S_ISREG(st.st_mode))
		diag_error(d, "%s is no regular file, expected a program", host);
	else if (!(st.st_mode & 0111))
		diag_error(d, "%s is not executable (mode %04o)", host, st.st_mode & 07777u);
	else if (where == 1)
		check_script(s, host, d);
}
