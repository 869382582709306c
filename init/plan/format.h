/* SPDX-License-Identifier: MIT
 * The layout of the plan: one flat, position-independent block. A reference is an offset from its
 * first byte, a list an offset and a count. Little endian, natural alignment, no unnamed padding;
 * arrays and blobs start at multiples of 8.
 *
 *   header | services | lists and wall blobs, in any order, equal ones stored once | strings (last
 *   byte NUL)
 *
 * A wall's blob is opaque here: its room owns the struct and checks it (walls/NAME/NAME.h). PID 1
 * reads only the cgroup's.
 */
#pragma once
#include "base/config.h"
#include "plan/walls.h"
#include <stdint.h>

#define PLAN_MAGIC "bulkhead"
/* Version of this layout, and of the oldest reader that still understands it. Each wall has a place
 * in struct plan_service, so the number of walls is a part of both. */
#define PLAN_VERSION (100 * WALL_COUNT + 14)
#define PLAN_COMPATIBLE (100 * WALL_COUNT + 14)

/* The longest lists, for arrays of fixed size; plan_open() refuses longer ones. */
/* of one service: to every other by every kind (a group wants its members) */
#define PLAN_MAX_EDGES (CONFIG_MAX_SERVICES * 5)
#define PLAN_MAX_COMMANDS 64 /* of one Exec list */
#define PLAN_MAX_ARGV 256    /* words of one command, without the final NULL */
#define PLAN_MAX_ENVIRONMENT 256
#define PLAN_MAX_FILES 16 /* of EnvironmentFile */
#define PLAN_MAX_CONDITIONS 64
#define PLAN_MAX_SUCCESS 320 /* every status and every signal; the lists beside it likewise */
#define PLAN_MAX_SYSCTL 256
#define PLAN_MAX_MODULES 256
#define PLAN_MAX_MOUNTS 64
#define PLAN_MAX_OVERLAYS 16
#define PLAN_MAX_FAULTS 12
#define PLAN_MAX_RESET 8
#define PLAN_MAX_SOCKETS 16     /* of one service */
#define PLAN_MAX_TIMER_LINES 16 /* of one timer */
#define PLAN_MAX_CALENDARS 16
#define PLAN_TIMER_LEAST_MS 1000u /* between two elapses by TIMER_UNIT_... */
#define PLAN_MAX_SIGNAL 64
#define PLAN_MAX_STATUS (256 + PLAN_MAX_SIGNAL) /* of `success`: a status, or 256 + a signal */
#define PLAN_CLONE_FLAGS 0x6c000000u /* CLONE_NEWPID, NEWNET, NEWIPC, NEWUTS of sched.h */
#define PLAN_ID_RANGE 65536u
#define PLAN_FIRST_SOCKET 3 /* number of the first one in the service: sd_listen_fds(3) */

/* offset of a NUL-terminated string inside the string pool; 0 = absent, read as "" */
typedef uint32_t plan_str;

struct plan_list { /* `count` elements of one size, at `off` */
	uint32_t off;
	uint32_t count;
};

struct plan_blob { /* `size` bytes at `off`; size 0 = absent */
	uint32_t off;
	uint32_t size;
};

/* What OptionalWalls may name (bits): a kernel without it does not refuse the service. A wall that
 * the kernel has and that fails always refuses it. */
enum plan_optional {
	OPTIONAL_USER = 1 << 0, /* user namespaces; without, the service runs with its kernel ids */
	OPTIONAL_TIME = 1 << 1, /* time namespaces (5.6) */
	OPTIONAL_LANDLOCK = 1 << 2,
	OPTIONAL_SELINUX = 1 << 3,
	OPTIONAL_SECCOMP = 1 << 4,
	OPTIONAL_MEMORY = 1 << 5, /* this and the next four: controllers of cgroup v2 */
	OPTIONAL_CPU = 1 << 6,
	OPTIONAL_CPUSET = 1 << 7,
	OPTIONAL_IO = 1 << 8,
	OPTIONAL_PIDS = 1 << 9,
	OPTIONAL_DEVICES = 1 << 10, /* BPF_PROG_TYPE_CGROUP_DEVICE */
	OPTIONAL_IP = 1 << 11,      /* BPF_PROG_TYPE_CGROUP_SKB */
	OPTIONAL_ALL = (1 << 12) - 1
};

enum plan_type { TYPE_SIMPLE, TYPE_NOTIFY, TYPE_ONESHOT, TYPE_GROUP, TYPE_COUNT };
enum plan_restart {
	RESTART_NO,
	RESTART_ON_FAILURE,
	RESTART_ON_ABNORMAL,
	RESTART_ON_SUCCESS,
	RESTART_ALWAYS,
	RESTART_COUNT
};
enum plan_notify_access { NOTIFY_NONE, NOTIFY_MAIN, NOTIFY_ALL, NOTIFY_COUNT };
enum plan_exec { EXEC_PRE, EXEC_START, EXEC_POST, EXEC_STOP, EXEC_STOP_POST, EXEC_COUNT };
enum plan_final {
	FINAL_NONE,
	FINAL_REBOOT,
	FINAL_POWEROFF,
	FINAL_HALT,
	FINAL_RESCUE,
	FINAL_COUNT
}; /* StartLimitAction, FailureAction */

/* RescueShell: who gets a shell on the console when no service runs, or when the kernel's command
 * line asks for one. */
enum plan_rescue {
	RESCUE_PASSWORD, /* who knows root's password */
	RESCUE_OPEN,     /* whoever is there */
	RESCUE_NEVER,
	RESCUE_COUNT
};

/* ConsoleMessages: whether ends and restarts are said on the console when the boot has settled. */
enum plan_console { CONSOLE_BOOT, CONSOLE_ALL, CONSOLE_COUNT };

enum plan_edge_kind {
	EDGE_AFTER, /* order only: wait until the target has settled, if it is starting too */
	EDGE_WANTS, /* start the target too, and wait until it has settled */
	/* start the target too; start when it is ready, fail if it fails, stop when it is stopped */
	EDGE_REQUIRES,
	EDGE_BINDS,     /* as REQUIRES, and stop when the target ends for any reason */
	EDGE_CONFLICTS, /* stop the target before this starts, and vice versa */
	EDGE_KIND_COUNT
};

struct plan_edge {
	uint16_t target; /* index of a service */
	uint16_t kind;   /* enum plan_edge_kind */
};

enum plan_condition_kind {
	COND_PATH_EXISTS,
	COND_KERNEL_COMMAND_LINE,
	COND_ARCHITECTURE,
	COND_FIRST_BOOT,
	COND_KIND_COUNT
};

struct plan_condition {
	uint16_t kind;
	uint16_t negate;
	plan_str value;
};

enum plan_command_flags {
	COMMAND_IGNORE_FAILURE = 1,
	/* the cell replaces variables in its words: $NAME alone, ${NAME}, $$ */
	COMMAND_EXPAND = 2,
	COMMAND_FLAGS_ALL = 3
};

struct plan_command {
	plan_str path; /* absolute */
	uint32_t flags;
	struct plan_list argv; /* of plan_str; argv[0] included, at least one */
};

enum plan_socket_kind {
	SOCKET_STREAM,
	SOCKET_DATAGRAM,
	SOCKET_SEQPACKET,
	SOCKET_FIFO,
	SOCKET_NETLINK,
	SOCKET_KIND_COUNT
};
enum plan_socket_family {
	SOCKET_PATH,
	SOCKET_ABSTRACT,
	SOCKET_IPV4,
	SOCKET_IPV6,
	SOCKET_ROUTES,
	SOCKET_FAMILY_COUNT
}; /* SOCKET_ROUTES: netlink */
enum plan_socket_flags {
	/* only a port was given: IPv6 and IPv4, or IPv4 if the kernel has nothing else */
	SOCKET_ANY = 1 << 0,
	SOCKET_FREE_BIND = 1 << 1,  /* an address that no interface has yet (IP_FREEBIND) */
	SOCKET_REUSE_PORT = 1 << 2, /* others may listen there too (SO_REUSEPORT) */
	SOCKET_FLAGS_ALL = (1 << 3) - 1
};

struct plan_socket { /* a socket that PID 1 opens and passes on */
	uint8_t kind;    /* enum plan_socket_kind */
	uint8_t family;  /* enum plan_socket_family */
	uint16_t port;
	uint32_t flags;      /* enum plan_socket_flags */
	plan_str path;       /* SOCKET_PATH: absolute; SOCKET_ABSTRACT: the name */
	plan_str text;       /* as written in the file, for messages */
	plan_str device;     /* BindToDevice */
	uint8_t address[16]; /* IPv4: the first four bytes */
	uint32_t protocol;   /* SOCKET_ROUTES: NETLINK_* */
	uint32_t groups;     /* SOCKET_ROUTES: bits of multicast groups */
	uint32_t backlog;
	uint32_t mode, uid, gid; /* SOCKET_PATH: of the file */
};

/* A calendar expression as sets of bits, in UTC: see plan/calendar.h. A time fits if all of its
 * fields are in the sets; a day by `day` or by `day_last`. */
struct plan_calendar {
	uint32_t year[8];                    /* bit 0: 1970 */
	uint32_t second[2], minute[2], hour; /* from 0 on */
	uint32_t day, day_last;              /* bits 1 to 31; bits 1 to 28 from the end of the month */
	uint16_t month;                      /* bits 1 to 12 */
	uint8_t weekday;                     /* bit 0: Monday */
	uint8_t reserved;
};

enum plan_timer_base {   /* what the time of a line is counted from */
	TIMER_BOOT,          /* the kernel's boot */
	TIMER_STARTUP,       /* PID 1's first start of services */
	TIMER_UNIT_ACTIVE,   /* the last start of the service, or the last elapse */
	TIMER_UNIT_INACTIVE, /* its last end; only while it is down */
	TIMER_BASE_COUNT
};

struct plan_timer_line {
	uint32_t base; /* enum plan_timer_base */
	uint32_t ms;   /* at least PLAN_TIMER_LEAST_MS for the last two */
};

enum plan_timer_flags {
	TIMER_PERSISTENT = 1 << 0,  /* the last elapse outlives the boot */
	TIMER_FIXED_DELAY = 1 << 1, /* the random delay is the same each time */
	TIMER_FLAGS_ALL = (1 << 2) - 1
};

struct plan_timer {
	struct plan_list lines;     /* of struct plan_timer_line */
	struct plan_list calendars; /* of struct plan_calendar */
	uint32_t random_ms;         /* each elapse is later by up to this */
	uint32_t accuracy_ms;       /* PID 1 may wake so much later */
	uint32_t flags;             /* enum plan_timer_flags */
	uint32_t reserved;
};

enum plan_stdio_kind {
	STDIO_LOG,
	STDIO_NULL,
	STDIO_TTY,
	STDIO_CONSOLE,
	STDIO_KMSG,
	STDIO_FILE,
	STDIO_KIND_COUNT
};

struct plan_stdio {
	uint32_t kind;
	plan_str path; /* STDIO_FILE and STDIO_TTY */
};

enum plan_service_flags {
	SERVICE_ENABLED = 1 << 0,   /* started at boot if there is no DefaultGroup */
	SERVICE_ESSENTIAL = 1 << 1, /* the boot is good only when it is ready */
	SERVICE_REFUSED = 1 << 2,   /* its file has errors: it never runs, and `refusal` says why */
	/* bulkhead-log itself: it gets the log channel as descriptor 7 */
	SERVICE_LOGGER = 1 << 3,
	/* its network namespace has interfaces of the host, which are returned before it is closed */
	SERVICE_RETURNS_NETDEVS = 1 << 4,
	/* started by the first client at one of its sockets, of which there is at least one */
	SERVICE_ON_DEMAND = 1 << 5,
	/* a socket_context that cannot be set refuses it, if a policy is loaded */
	SERVICE_LABELLED = 1 << 6,
	/* PR_SET_MDWE (6.3): written memory cannot become executable, by whatever call */
	SERVICE_MDWE = 1 << 7,
	SERVICE_HOST_MOUNTS = 1 << 8, /* it has the host's mounts */
	/* it may change its user: CAP_SETUID is in its bounding set */
	SERVICE_SETS_USER = 1 << 9,
	SERVICE_CLEANS = 1 << 10, /* its directories below /run are emptied when it stops */
	SERVICE_KEEPS = 1 << 11,  /* but not for a restart: RuntimeDirectoryPreserve = restart */
	/* its file has changed since it was started, and it goes on with what it was started with */
	SERVICE_PENDING = 1 << 12,
	/* and says so: RELOADING=1, then READY=1 (Type = notify-reload) */
	SERVICE_RELOADS = 1 << 13,
	SERVICE_FLAGS_ALL = (1 << 14) - 1
};

struct plan_service {
	plan_str name;
	plan_str description;
	plan_str file;    /* the file that defines it, for messages */
	plan_str refusal; /* SERVICE_REFUSED: the first diagnostic, one line */

	uint32_t flags;
	uint8_t type;               /* enum plan_type */
	uint8_t restart;            /* enum plan_restart */
	uint8_t notify_access;      /* enum plan_notify_access */
	uint8_t kill_signal;        /* 1..64 */
	uint8_t start_limit_action; /* enum plan_final */
	uint8_t failure_action;     /* enum plan_final */
	int8_t notification_fd;     /* s6's readiness descriptor, -1 = none */
	uint8_t reload_signal;      /* 1..64: reads its configuration anew; 0 = none */
	/* namespaces that clone3 makes: CLONE_NEWPID, NEWIPC, NEWUTS, NEWNET, no others */
	uint32_t clone_flags;
	/* 1 + index of the service whose network namespace PID 1 keeps for its processes: itself, or
	 * the one it joins; 0 = none */
	uint32_t network;
	/* bits of 1 << enum feature: a program built without one of them does not run the service
	 * (base/feature.h) */
	uint32_t needs;
	/* enum plan_optional: walls that the file asks for and the compiler was built without, all in
	 * OptionalWalls */
	uint32_t absent;
	uint32_t kernel_uid; /* host ids that own the service's directories */
	uint32_t kernel_gid;
	uint32_t id_base; /* the first of PLAN_ID_RANGE host ids that only it has; 0 = none */

	uint32_t restart_ms;        /* first delay */
	uint32_t restart_max_ms;    /* the delay doubles up to here */
	uint32_t start_limit_burst; /* starts allowed in the interval; 0 = no limit */
	uint32_t start_limit_interval_ms;
	uint32_t start_ms;         /* TimeoutStartSec; UINT32_MAX = none */
	uint32_t stop_ms;          /* TimeoutStopSec: TERM to KILL */
	uint32_t watchdog_ms;      /* 0 = none */
	uint32_t runtime_ms;       /* RuntimeMaxSec: as long as it may be up; 0 = no limit */
	uint32_t runtime_extra_ms; /* and up to this longer, at random */
	uint32_t optional_walls;   /* enum plan_optional */

	struct plan_list edges;      /* of struct plan_edge */
	struct plan_list conditions; /* of struct plan_condition */
	/* of uint32_t: exit statuses (0..255) and 256 + signal that count as success besides 0 */
	struct plan_list success;
	struct plan_list restart_prevent;  /* the same: those that are not restarted after, */
	struct plan_list restart_force;    /* and those that are, whatever `restart` says */
	struct plan_list exec[EXEC_COUNT]; /* of struct plan_command */
	struct plan_list environment;      /* of plan_str, "NAME=value" */
	struct plan_list
		environment_files;  /* of plan_str: paths, with - before one that may be missing */
	struct plan_list unset; /* of plan_str: NAME or NAME=value */
	plan_str working_directory;
	plan_str tty; /* TTYPath */
	struct plan_stdio stdio[3];
	/* of struct plan_socket, in the order of the service's descriptors from 3 on */
	struct plan_list sockets;
	plan_str socket_names; /* "LISTEN_FDNAMES=a:b" */
	/* label of the sockets that PID 1 makes for it, including its readiness socket */
	plan_str socket_context;
	struct plan_list timer; /* of struct plan_timer: one, or none */
	struct plan_blob wall[WALL_COUNT];
};

struct plan_pair { /* a sysctl: file below /proc/sys and value */
	plan_str name;
	plan_str value;
};

enum plan_mount_flags {
	MOUNT_NOFAIL = 1,   /* fstab's nofail: a missing device is not reported */
	MOUNT_OR_TMPFS = 2, /* DataFallback = tmpfs, for plan_machine.data only */
};

struct plan_mount { /* a line of /etc/fstab, or DataPartition */
	plan_str source, target, type;
	plan_str options; /* options of the file system itself */
	uint32_t flags;   /* MS_* */
	uint32_t extra;   /* enum plan_mount_flags */
};

enum plan_overlay_where { OVERLAY_TMPFS, OVERLAY_DATA, OVERLAY_WHERE_COUNT };

struct plan_overlay {
	plan_str target; /* a directory of the root that becomes writable */
	uint32_t where;  /* enum plan_overlay_where: what holds its changes */
};

struct plan_machine { /* init.ini and fstab */
	plan_str hostname;
	plan_str console; /* device path */
	plan_str watchdog_device;
	uint32_t watchdog_ms;        /* 0 = no watchdog */
	uint32_t watchdog_reboot_ms; /* time-out of the watchdog during the shutdown */
	uint32_t default_group;      /* index of a service; UINT32_MAX = all enabled services */
	uint32_t log_ring_kb;
	uint32_t log_forward;     /* 0 none, 1 kmsg */
	struct plan_list sysctl;  /* of struct plan_pair */
	struct plan_list modules; /* of plan_str: module files in loading order */
	struct plan_list mounts;  /* of struct plan_mount, in the order of fstab */

	/* of plan_str: errors in init.ini, fstab and files that make no service, for PID 1 to print */
	struct plan_list faults;

	struct plan_mount data;    /* target "" = no data partition */
	struct plan_list overlays; /* of struct plan_overlay */
	/* of plan_str: what causes a factory reset: files of the data partition ("/...") and words of
	 * the kernel's command line */
	struct plan_list reset;
	plan_str seed_file;   /* "" = none */
	uint32_t seed_credit; /* 1: the seed counts as entropy */
	/* 1 + index of the service to start when the boot is good; 0 = none */
	uint32_t mark_good;
	uint32_t mark_good_delay_ms; /* how long every Essential service must have been ready */
	uint32_t settle_ms;          /* the boot counts as settled then; 0 = no limit */
	uint32_t boot_timeout_ms;    /* the boot must be good by then; 0 = no limit */
	uint32_t boot_failure;       /* enum plan_final: what follows if it is not */
	uint32_t rescue_shell;       /* enum plan_rescue */
	uint32_t console_messages;   /* enum plan_console */
};

struct plan_header {
	char magic[8];
	uint32_t version;
	uint32_t compatible;
	uint32_t arch;             /* AUDIT_ARCH_* of the filters inside */
	uint32_t size;             /* of the whole plan */
	uint64_t digest;           /* of the sources (base/digest.h) */
	uint64_t checksum;         /* hash_bytes() of all bytes after this field */
	struct plan_list services; /* of struct plan_service */
	uint32_t strings_off;
	uint32_t strings_size; /* at least 1; first and last byte are NUL */
	struct plan_machine machine;
};
