/* SPDX-License-Identifier: MIT
 * [Filesystem] and the …Directory directives: what of the file tree the service sees, and how
 * (mount_namespaces(7)). The default is a read-only, nosuid, nodev view of the root with a /dev of
 * harmless nodes, its own read-only /proc, no /sys, a private noexec /tmp and /dev/shm. Mounts are
 * made by descriptor, in the private copy of the tree that unshare(2) made, before anything of the
 * service runs.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "walls/apply.h"

enum filesystem_op {
	FS_READ_ONLY,  /* target as it is, read-only, with what is mounted below */
	FS_READ_WRITE, /* target as it is, writable */
	FS_HIDDEN,     /* an empty, unreadable directory or file in its place */
	FS_BIND,       /* source at target, writable */
	FS_BIND_READ_ONLY,
	FS_TMPFS, /* fresh tmpfs; options as for mount(8) */
	FS_EXEC,  /* programs may be executed below target */
	FS_NO_EXEC,
	FS_OP_COUNT
};

enum filesystem_rule_flags { FS_OPTIONAL = 1 /* a leading '-': absent is fine */ };

struct filesystem_rule { /* sorted by target, so that a parent comes before what is below it */
	uint16_t op;
	uint16_t flags;
	plan_str source;
	plan_str target;
	plan_str options;
};

/* RuntimeDirectoryPreserve: no, restart, and yes or another kind of directory. */
enum filesystem_runtime { RUNTIME_STAYS, RUNTIME_EMPTIED, RUNTIME_EMPTIED_AT_STOP };

/* RuntimeDirectory and its kin: made before the mounts, bound writable into the view */
struct filesystem_directory {
	plan_str path; /* absolute, e.g. /run/dnsmasq */
	uint32_t mode;
	uint32_t uid, gid; /* kernel ids */
	uint32_t writable; /* 0: ConfigurationDirectory */
	uint32_t runtime;  /* enum filesystem_runtime */
	/* A file system in memory of its own, made by PID 1 at boot, so that every service's view
	 * has it; the cell believes what it finds. 0: none. */
	uint32_t bound_kb, inodes;
};

enum filesystem_proc {
	PROC_SUBSET_PID = 1,
	PROC_HIDE = 2 /* hidepid=invisible */,
	PROC_HOST = 4 /* host pid namespace: with none of the other two the host's own /proc stays */
};
enum filesystem_view { VIEW_HIDDEN, VIEW_READ_ONLY, VIEW_HOST };

enum filesystem_flags {
	FS_PRIVATE_TMP = 1,
	FS_HOST_MOUNTS = 2, /* [Namespaces] Mount = host: nothing here applies */
	FS_HOST_DEV = 4,    /* Devices = * */
	/* Type notify or WatchdogSec: NOTIFY_PATH shows in the view (set by the compiler) */
	FS_NOTIFY_SOCKET = 8,
	FS_CGROUP = 64, /* [Cgroup] Delegate: its own group, writable, at /sys/fs/cgroup */
};

struct filesystem_plan {
	uint32_t flags;
	uint32_t proc;                /* enum filesystem_proc */
	uint32_t sysfs;               /* enum filesystem_view */
	uint32_t tunables;            /* enum filesystem_view, of /proc/sys */
	struct plan_list rules;       /* of struct filesystem_rule */
	struct plan_list directories; /* of struct filesystem_directory */
	plan_str root_directory;      /* 0, or the host's directory that is the view's root */
	plan_str root_image;          /* 0, or the host's file that holds it: squashfs or erofs */
	/* of plan_str: names below /dev besides the default nodes; "pts" gives a new devpts instance
	 * and ptmx */
	struct plan_list devices;
};

/* The default nodes: null zero full random urandom tty; links fd stdin stdout stderr, log ->
 * /run/syslog/log. */

/* Of a private /tmp and of /dev/shm. A share of the memory; the service's cgroup is charged and
 * bounds it further. */
#define FS_PRIVATE_OPTIONS "mode=1777,size=20%"

/* With a root of its own (root_directory, root_image) rules speak of paths in there, and only
 * sources of binds are the host's. The service's directories, /sys and a shared /tmp are bound
 * from the host; /run is an empty file system of its own. Its places for all that must exist. */

/* /run/bulkhead (control socket) and /run/log (everybody's logs) are hidden unless a rule or
 * directory names them or something below. Symbolic links on the way to a rule's source or
 * target are followed only where root owns them: no service can point a later start elsewhere. */

struct filesystem_label { /* DirectoryContext, where a policy is in force */
	const char *text;     /* NULL: what the policy says */
	bool required;        /* else one that can't be set is noted in why->absent */
};

struct filesystem_owner {          /* kernel ids */
	uint32_t uid, gid;             /* of the device nodes that the service names */
	uint32_t tty_gid;              /* of the terminals in its devpts */
	const char *notify;            /* its readiness socket on the host; for FS_NOTIFY_SOCKET */
	struct filesystem_label label; /* of its file systems in memory */
};

/* Apply half, in the cell as the real root, before the user namespace is entered. Both leave the
 * umask at 0. */
/* fresh: the first process of a start, so RUNTIME_EMPTIED directories are emptied. */
int filesystem_make_directories(const struct plan *p, const struct filesystem_plan *f, bool fresh,
	const struct filesystem_label *label, struct wall_why *why);
/* The service is over, and does not come back: all that are not RUNTIME_STAYS are emptied. It
 * goes on behind what fails; 0, or the first -errno. */
int filesystem_clean_directories(const struct plan *p, const struct filesystem_plan *f);
/* An O_PATH descriptor of an absolute path by the rule above, or -errno (ELOOP: a link that is
 * not root's). */
int filesystem_resolve(const char *path);
/* In a mount namespace of its own (namespaces_enter), with no file of it open for writing. Not
 * to be called with FS_HOST_MOUNTS. */
int filesystem_enter(const struct plan *p, const struct filesystem_plan *f,
	const struct filesystem_owner *owner, struct wall_why *why);
