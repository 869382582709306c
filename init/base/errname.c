/* SPDX-License-Identifier: MIT
 * Names of errno values and signals: see errname.h. The tables are indexed by the constants,
 * because the numbers differ between architectures.
 */
#include "base/count.h"
#include "base/errname.h"
#include "base/config.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */
#define ERRS(ROW) \
	ROW(EPERM, "operation not permitted") \
	ROW(ENOENT, "no such file or directory") \
	ROW(ESRCH, "no such process") \
	ROW(EINTR, "interrupted by a signal") \
	ROW(EIO, "input/output error") \
	ROW(ENXIO, "no such device or address") \
	ROW(E2BIG, "argument list too long") \
	ROW(ENOEXEC, "not an executable format") \
	ROW(EBADF, "bad file descriptor") \
	ROW(ECHILD, "no child processes") \
	ROW(EAGAIN, "temporarily unavailable") \
	ROW(ENOMEM, "out of memory") \
	ROW(EACCES, "permission denied") \
	ROW(EFAULT, "bad address") \
	ROW(ENOTBLK, "not a block device") \
	ROW(EBUSY, "device or resource busy") \
	ROW(EEXIST, "already exists") \
	ROW(EXDEV, "crosses file systems") \
	ROW(ENODEV, "no such device") \
	ROW(ENOTDIR, "not a directory") \
	ROW(EISDIR, "is a directory") \
	ROW(EINVAL, "invalid argument") \
	ROW(ENFILE, "too many open files in the system") \
	ROW(EMFILE, "too many open files") \
	ROW(ENOTTY, "not a terminal, or wrong ioctl for the device") \
	ROW(ETXTBSY, "program file is in use") \
	ROW(EFBIG, "file too large") \
	ROW(ENOSPC, "no space left on device") \
	ROW(ESPIPE, "not seekable") \
	ROW(EROFS, "read-only file system") \
	ROW(EMLINK, "too many links") \
	ROW(EPIPE, "broken pipe") \
	ROW(EDOM, "outside the domain of the function") \
	ROW(ERANGE, "out of range") \
	ROW(EDEADLK, "would deadlock") \
	ROW(ENAMETOOLONG, "name too long") \
	ROW(ENOLCK, "no locks available") \
	ROW(ENOSYS, "not supported by this kernel") \
	ROW(ENOTEMPTY, "directory not empty") \
	ROW(ELOOP, "too many symbolic links") \
	ROW(ENOMSG, "no message of that type") \
	ROW(EIDRM, "identifier removed") \
	ROW(ENOSTR, "not a stream") \
	ROW(ENODATA, "no data available") \
	ROW(ETIME, "timer expired") \
	ROW(ENOLINK, "link severed") \
	ROW(EPROTO, "protocol error") \
	ROW(EBADMSG, "bad message") \
	ROW(EOVERFLOW, "value too large for its type") \
	ROW(EILSEQ, "invalid byte sequence") \
	ROW(EUSERS, "too many users or namespaces") \
	ROW(ENOTSOCK, "not a socket") \
	ROW(EDESTADDRREQ, "destination address required") \
	ROW(EMSGSIZE, "message too long") \
	ROW(EPROTOTYPE, "wrong protocol type for the socket") \
	ROW(ENOPROTOOPT, "protocol option not available") \
	ROW(EPROTONOSUPPORT, "protocol not supported") \
	ROW(ESOCKTNOSUPPORT, "socket type not supported") \
	ROW(EOPNOTSUPP, "operation not supported") \
	ROW(EPFNOSUPPORT, "protocol family not supported") \
	ROW(EAFNOSUPPORT, "address family not supported") \
	ROW(EADDRINUSE, "address already in use") \
	ROW(EADDRNOTAVAIL, "address not available") \
	ROW(ENETDOWN, "network is down") \
	ROW(ENETUNREACH, "network unreachable") \
	ROW(ENETRESET, "connection reset by the network") \
	ROW(ECONNABORTED, "connection aborted") \
	ROW(ECONNRESET, "connection reset by peer") \
	ROW(ENOBUFS, "no buffer space available") \
	ROW(EISCONN, "already connected") \
	ROW(ENOTCONN, "not connected") \
	ROW(ESHUTDOWN, "socket is shut down") \
	ROW(ETIMEDOUT, "timed out") \
	ROW(ECONNREFUSED, "connection refused") \
	ROW(EHOSTDOWN, "host is down") \
	ROW(EHOSTUNREACH, "host unreachable") \
	ROW(EALREADY, "already in progress") \
	ROW(EINPROGRESS, "in progress") \
	ROW(ESTALE, "stale file handle") \
	ROW(EUCLEAN, "file system needs cleaning") \
	ROW(EREMOTEIO, "remote input/output error") \
	ROW(EDQUOT, "quota exceeded") \
	ROW(ENOMEDIUM, "no medium") \
	ROW(EMEDIUMTYPE, "wrong medium") \
	ROW(ECANCELED, "cancelled") \
	ROW(ENOKEY, "required key not available") \
	ROW(EKEYEXPIRED, "key has expired") \
	ROW(EKEYREVOKED, "key has been revoked") \
	ROW(EKEYREJECTED, "key was rejected") \
	ROW(EOWNERDEAD, "owner died") \
	ROW(ENOTRECOVERABLE, "state not recoverable") \
	ROW(ERFKILL, "blocked by the radio switch") \
	ROW(EHWPOISON, "memory page has a hardware error")
/* clang-format on */

/* Name and text of each in one piece, and where they begin: tables of pointers to them would be as
 * large as the words. */
#if CONFIG_ERROR_TEXT
#define TEXT(text) "\0" text
#else
#define TEXT(text) "\0"
#endif
#define FIELD(name, text) char name##_[sizeof(#name TEXT(text))];
#define FILL(name, text) #name TEXT(text),
#define PLACE(name, text) [name] = 1 + offsetof(struct words, name##_),

struct words {
	ERRS(FIELD)
};
static const struct words words = {ERRS(FILL)};
static const uint16_t places[] = {ERRS(PLACE)}; /* and one more: 0 is none */

/* The name, and behind its NUL the text. */
static const char *words_of(int err)
{
	/* -INT_MIN does not exist; as an unsigned it is a number beyond the table. */
	unsigned e = err < 0 ? 0u - (unsigned)err : (unsigned)err;
	if (e == 0)
		return "OK\0no error";
	return e < (unsigned)COUNT(places) && places[e] ? (const char *)&words + places[e] - 1
													: "E?\0unknown error";
}

const char *err_name(int err)
{
	return words_of(err);
}

const char *err_text(int err)
{
	const char *name = words_of(err), *text = name + strlen(name) + 1;
	return *text ? text : name;
}

/* Real-time signals have their numbers: SIGRTMIN is 34 in glibc and 35 in musl, so the name would
 * not say which is meant. */
#define FIRST_REAL_TIME 32
#define TEN(n) \
	"SIG" #n "0\0SIG" #n "1\0SIG" #n "2\0SIG" #n "3\0SIG" #n "4\0SIG" #n "5\0SIG" #n "6\0" \
	"SIG" #n "7\0SIG" #n "8\0SIG" #n "9\0"
static const char real_time[] = "SIG32\0SIG33\0SIG34\0SIG35\0SIG36\0SIG37\0SIG38\0SIG39\0" TEN(4)
	TEN(5) "SIG60\0SIG61\0SIG62\0SIG63\0SIG64";

static const char sigs[][sizeof("SIGVTALRM")] = {
	[SIGHUP] = "SIGHUP",
	[SIGINT] = "SIGINT",
	[SIGQUIT] = "SIGQUIT",
	[SIGILL] = "SIGILL",
	[SIGTRAP] = "SIGTRAP",
	[SIGABRT] = "SIGABRT",
	[SIGBUS] = "SIGBUS",
	[SIGFPE] = "SIGFPE",
	[SIGKILL] = "SIGKILL",
	[SIGUSR1] = "SIGUSR1",
	[SIGSEGV] = "SIGSEGV",
	[SIGUSR2] = "SIGUSR2",
	[SIGPIPE] = "SIGPIPE",
	[SIGALRM] = "SIGALRM",
	[SIGTERM] = "SIGTERM",
	[SIGSTKFLT] = "SIGSTKFLT",
	[SIGCHLD] = "SIGCHLD",
	[SIGCONT] = "SIGCONT",
	[SIGSTOP] = "SIGSTOP",
	[SIGTSTP] = "SIGTSTP",
	[SIGTTIN] = "SIGTTIN",
	[SIGTTOU] = "SIGTTOU",
	[SIGURG] = "SIGURG",
	[SIGXCPU] = "SIGXCPU",
	[SIGXFSZ] = "SIGXFSZ",
	[SIGVTALRM] = "SIGVTALRM",
	[SIGPROF] = "SIGPROF",
	[SIGWINCH] = "SIGWINCH",
	[SIGIO] = "SIGIO",
	[SIGPWR] = "SIGPWR",
	[SIGSYS] = "SIGSYS",
};

const char *sig_name(int sig)
{
	if (sig >= FIRST_REAL_TIME && sig <= 64)
		return real_time + (size_t)(sig - FIRST_REAL_TIME) * sizeof("SIG32");
	return sig > 0 && sig < (int)COUNT(sigs) && *sigs[sig] ? sigs[sig] : "SIG?";
}

int sig_number(const char *name)
{
	const size_t prefix = strlen("SIG");
	const char *whole = name; /* a number alone is none of these names */
	if (strncmp(name, "SIG", prefix) == 0)
		name += prefix;
	for (int sig = 1; sig < (int)COUNT(sigs); sig++)
		if (*sigs[sig] && strcmp(sigs[sig] + prefix, name) == 0)
			return sig;
	for (int sig = FIRST_REAL_TIME; sig <= 64; sig++)
		if (strcmp(sig_name(sig), whole) == 0)
			return sig;
	return -1;
}
