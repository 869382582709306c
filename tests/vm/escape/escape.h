/* SPDX-License-Identifier: MIT
 * A hostile program: each probe is one way out of a service's walls, tried in a process of its own.
 * It says ESCAPED only where it has what it wanted: the mount stands, the secret is read, the
 * kernel has looked at the arguments of a call that it should have refused.
 */
#pragma once
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

/* 32-bit ARM has calls with narrow types under the plain names; those that programs use are
 * meant. */
#ifdef SYS_setuid32
#undef SYS_setuid
#define SYS_setuid SYS_setuid32
#undef SYS_setgid
#define SYS_setgid SYS_setgid32
#undef SYS_setgroups
#define SYS_setgroups SYS_setgroups32
#undef SYS_setfsuid
#define SYS_setfsuid SYS_setfsuid32
#undef SYS_clock_settime
#define SYS_clock_settime SYS_clock_settime64
#undef SYS_clock_adjtime
#define SYS_clock_adjtime SYS_clock_adjtime64
#undef SYS_settimeofday
#define SYS_settimeofday SYS_settimeofday_time32
#endif

enum probe_flags {
	/* the control: it must work for root outside of all walls, or the probe proves nothing */
	OUTSIDE = 1,
	INSIDE_ONLY = 2, /* not tried outside: it would hit the tests' own shell, or the machine */
	FAULTS = 4,      /* a wall may show as SIGSEGV */
};

struct probe {
	const char *name;
	const char *tries;
	int (*run)(void);
	unsigned flags;
};

/* By topic; each ends with a row whose name is NULL. */
extern const struct probe mount_probes[], process_probes[], file_probes[], kernel_probes[],
	abi_probes[], memory_probes[], network_probes[], ipc_probes[], power_probes[],
	resource_probes[];

/* What a probe returns. `what` is the step that was reached; blocked() goes by errno. */
int blocked(const char *what);
/* no errno says it: the call went well and was of no use */
int blocked_by(const char *what, const char *why);
int escaped(const char *what);
/* For calls given nonsense: any answer but EPERM, EACCES and ENOSYS means that the kernel was
 * willing. */
int gate(const char *what, long result);
/* A call that is an escape if it succeeds at all. */
int unless(const char *what, long result);

/* fork(2), once more where tasks of an earlier probe are still on their way out. */
int fork_patiently(void);
/* A mount namespace of one's own if that can be had: outside, what succeeds must not stay. */
void apart(void);
/* Runs the copy of this program at `path` with a --WORD; its exit status, or -errno if it could
 * not be executed. */
int run_again(const char *path, const char *word);
int write_file(const char *path, const char *text);     /* 0 or -1 and errno */
int read_some(const char *path, char *buf, size_t cap); /* bytes or -1 and errno */

int victim_main(void); /* does not return */
int again_main(const char *word);

/* What `escape victim` sets up outside, and probes look for inside. */
#define VICTIM_ABSTRACT "bulkhead-escape" /* behind a zero byte */
#define VICTIM_PORT 4711
#define VICTIM_KEY 0x65736361
#define VICTIM_QUEUE "/bulkhead-escape"
#define VICTIM_SECRET "the victim's secret"
#define VICTIM_STATE "/var/lib/escape-victim/secret" /* 0600 in a directory of 0700 */
#define VICTIM_TMP "/tmp/escape-victim"              /* 0644 in the host's /tmp */
/* a copy of this program with every file capability */
#define VICTIM_CAPABLE "/run/escape/capable"
#define VICTIM_SETUID "/usr/libexec/escape-setuid" /* the same, set-user-ID root, in the image */
