/* SPDX-License-Identifier: MIT
 * [Filesystem] and the …Directory directives: what the service sees of the file tree, and how
 * (mount_namespaces(7)). The default is a read-only, nosuid, nodev view of the root with a /dev of
 * harmless nodes, a read-only /proc of its own, no /sys, a private noexec /tmp and /dev/shm. Mounts
 * are made by descriptor, in the private copy of the tree that unshare(2) made, before anything of
 * the service runs.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "walls/apply.h"

enum filesystem_op {
	FS_READ_ONLY,  /* target unchanged but read-only, with what is mounted below */
	FS_READ_WRITE, /* target unchanged but writable */
	FS_HIDDEN,     /* replaced by an empty, unreadable directory or file */
	FS_BIND,       /* source at target, writable */
	FS_BIND_READ_ONLY,
	FS_TMPFS, /* a new tmpfs; options as for mount(8) */
	FS_EXEC,  /* programs may be executed below target */
	FS_NO_EXEC,
	FS_OP_COUNT
};

enum filesystem_rule_flags { FS_OPTIONAL = 1 /* a leading '-': skipped if it does not exist */ };

struct filesystem_rule { /* sorted by target, so that parents come first */
	uint16_t op;
	uint16_t flags;
	plan_str source;
	plan_str target;
	plan_str options;
};

/* RuntimeDirectoryPreserve: no, restart, and yes or another kind of directory. */
enum filesystem_runtime { RUNTIME_STAYS, RUNTIME_EMPTIED, RUNTIME_EMPTIED_AT_STOP };

/* RuntimeDirectory and the like: made before the mounts, bound writable into the view */
struct filesystem_directory {
	plan_str path; /* absolute, e.g. /run/dnsmasq */
	uint32_t mode;
	uint32_t uid, gid; /* kernel ids */
	uint32_t writable; /* 0: ConfigurationDirectory */
	uint32_t runtime;  /* enum filesystem_runtime */
	/* A tmpfs of its own, mounted by PID 1 at boot, so that every service's view has it. The cell
	 * uses whatever is mounted there. 0: none. */
	uint32_t bound_kb, inodes;
};

enum filesystem_proc {
	PROC_SUBSET_PID = 1,
	PROC_HIDE = 2 /* hidepid=invisible */,
	PROC_HOST = 4 /* the host's pid namespace; without the other two, the host's /proc stays */
};
enum filesystem_view { VIEW_HIDDEN, VIEW_READ_ONLY, VIEW_HOST };

enum filesystem_flags {
	FS_PRIVATE_TMP = 1,
	FS_HOST_MOUNTS = 2, /* [Namespaces] Mount = host: nothing here applies */
	FS_HOST_DEV = 4,    /* Devices = * */
	/* Type notify or WatchdogSec: the view has NOTIFY_PATH (set by the compiler) */
	FS_NOTIFY_SOCKET = 8,
	FS_CGROUP = 64, /* [Cgroup] Delegate: its group, writable, at /sys/fs/cgroup */
};

struct filesystem_plan {
	uint32_t flags;
	uint32_t proc;                /* enum filesystem_proc */
	uint32_t sysfs;               /* enum filesystem_view */
	uint32_t tunables;            /* enum filesystem_view, of /proc/sys */
	struct plan_list rules;       /* of struct filesystem_rule */
	struct plan_list directories; /* of struct filesystem_directory */
	plan_str root_directory;      /* a directory of the host as root of the view; 0 = none */
	/* a file of the host with the root, squashfs or erofs; 0 = none */
	plan_str root_image;
	/* of plan_str: names below /dev besides the default nodes; "pts": a new devpts instance and
	 * ptmx */
	struct plan_list devices;
};

/* Nodes of /dev that every service has. */
#define FILESYSTEM_NODES "null zero full random urandom tty"
/* Beside them there are the links fd stdin stdout stderr, and log -> /run/syslog/log. */

/* Options of a private /tmp and of /dev/shm. The size is a share of the machine's memory; the
 * service's cgroup is charged for it, which bounds it further. */
#define FS_PRIVATE_OPTIONS "mode=1777,size=20%"

/* With a root of its own (root_directory, root_image), paths of rules are paths in that root; only
 * sources of binds are the host's. The service's directories, /sys and a shared /tmp are bound from
 * the host; /run is an empty file system. The root must have the places to mount them on. */

/* /run/bulkhead (control socket) and /run/log (all logs) are hidden unless a rule or a directory
 * names them or something below. Symbolic links on the way to a rule's source or target are
 * followed only if root owns them, so that no service can redirect a later start. */

struct filesystem_label { /* DirectoryContext, if a policy is loaded */
	const char *text;     /* NULL: the policy decides */
	bool required;        /* otherwise one that cannot be set is noted in why->absent */
};

struct filesystem_owner {          /* kernel ids */
	uint32_t uid, gid;             /* owner of the device nodes that the service names */
	uint32_t tty_gid;              /* group of the terminals in its devpts */
	const char *notify;            /* its readiness socket on the host; for FS_NOTIFY_SOCKET */
	struct filesystem_label label; /* of its tmpfs */
};

/* Apply half, in the cell as the host's root, before the user namespace is entered. Both leave the
 * umask at 0. */
/* Makes the service's directories. fresh: this is the first process of a start, so RUNTIME_EMPTIED
 * directories are emptied. */
int filesystem_make_directories(const struct plan *p, const struct filesystem_plan *f, bool fresh,
	const struct filesystem_label *label, struct wall_why *why);
/* Empties all directories but RUNTIME_STAYS, for a service that has stopped and is not restarted.
 * Goes on after a failure; returns 0 or the first -errno. */
int filesystem_clean_directories(const struct plan *p, const struct filesystem_plan *f);
/* An O_PATH descriptor of an absolute path, following links by the rule above; or -errno (ELOOP: a
 * link that is not root's). */
int filesystem_resolve(const char *path);
/* Builds the view, in a mount namespace of its own (namespaces_enter) with no file of it open for
 * writing. Not to be called with FS_HOST_MOUNTS. */
int filesystem_enter(const struct plan *p, const struct filesystem_plan *f,
	const struct filesystem_owner *owner, struct wall_why *why);
