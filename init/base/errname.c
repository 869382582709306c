/* SPDX-License-Identifier: MIT
 * Names of errno values and signals: see errname.h. The tables are indexed by the constants
 * themselves, since the numbers differ from one architecture to the next.
 */
#include "base/errname.h"
#include "base/config.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

struct err_entry {
	const char *name;
	const char *text;
};

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define ROW(name, text) \
	{ \
		name, CONFIG_ERROR_TEXT ? (text) : NULL \
	}

static const struct err_entry errs[] = {
	[0] = ROW("OK", "no error"),
	[EPERM] = ROW("EPERM", "operation not permitted"),
	[ENOENT] = ROW("ENOENT", "no such file or directory"),
	[ESRCH] = ROW("ESRCH", "no such process"),
	[EINTR] = ROW("EINTR", "interrupted by a signal"),
	[EIO] = ROW("EIO", "input/output error"),
	[ENXIO] = ROW("ENXIO", "no such device or address"),
	[E2BIG] = ROW("E2BIG", "argument list too long"),
	[ENOEXEC] = ROW("ENOEXEC", "not an executable format"),
	[EBADF] = ROW("EBADF", "bad file descriptor"),
	[ECHILD] = ROW("ECHILD", "no child processes"),
	[EAGAIN] = ROW("EAGAIN", "temporarily unavailable"),
	[ENOMEM] = ROW("ENOMEM", "out of memory"),
	[EACCES] = ROW("EACCES", "permission denied"),
	[EFAULT] = ROW("EFAULT", "bad address"),
	[ENOTBLK] = ROW("ENOTBLK", "not a block device"),
	[EBUSY] = ROW("EBUSY", "device or resource busy"),
	[EEXIST] = ROW("EEXIST", "already exists"),
	[EXDEV] = ROW("EXDEV", "crosses file systems"),
	[ENODEV] = ROW("ENODEV", "no such device"),
	[ENOTDIR] = ROW("ENOTDIR", "not a directory"),
	[EISDIR] = ROW("EISDIR", "is a directory"),
	[EINVAL] = ROW("EINVAL", "invalid argument"),
	[ENFILE] = ROW("ENFILE", "too many open files in the system"),
	[EMFILE] = ROW("EMFILE", "too many open files"),
	[ENOTTY] = ROW("ENOTTY", "not a terminal, or wrong ioctl for the device"),
	[ETXTBSY] = ROW("ETXTBSY", "program file is in use"),
	[EFBIG] = ROW("EFBIG", "file too large"),
	[ENOSPC] = ROW("ENOSPC", "no space left on device"),
	[ESPIPE] = ROW("ESPIPE", "not seekable"),
	[EROFS] = ROW("EROFS", "read-only file system"),
	[EMLINK] = ROW("EMLINK", "too many links"),
	[EPIPE] = ROW("EPIPE", "broken pipe"),
	[EDOM] = ROW("EDOM", "outside the domain of the function"),
	[ERANGE] = ROW("ERANGE", "out of range"),
	[EDEADLK] = ROW("EDEADLK", "would deadlock"),
	[ENAMETOOLONG] = ROW("ENAMETOOLONG", "name too long"),
	[ENOLCK] = ROW("ENOLCK", "no locks available"),
	[ENOSYS] = ROW("ENOSYS", "not supported by this kernel"),
	[ENOTEMPTY] = ROW("ENOTEMPTY", "directory not empty"),
	[ELOOP] = ROW("ELOOP", "too many symbolic links"),
	[ENOMSG] = ROW("ENOMSG", "no message of that type"),
	[EIDRM] = ROW("EIDRM", "identifier removed"),
	[ENOSTR] = ROW("ENOSTR", "not a stream"),
	[ENODATA] = ROW("ENODATA", "no data available"),
	[ETIME] = ROW("ETIME", "timer expired"),
	[ENOLINK] = ROW("ENOLINK", "link severed"),
	[EPROTO] = ROW("EPROTO", "protocol error"),
	[EBADMSG] = ROW("EBADMSG", "bad message"),
	[EOVERFLOW] = ROW("EOVERFLOW", "value too large for its type"),
	[EILSEQ] = ROW("EILSEQ", "invalid byte sequence"),
	[EUSERS] = ROW("EUSERS", "too many users or namespaces"),
	[ENOTSOCK] = ROW("ENOTSOCK", "not a socket"),
	[EDESTADDRREQ] = ROW("EDESTADDRREQ", "destination address required"),
	[EMSGSIZE] = ROW("EMSGSIZE", "message too long"),
	[EPROTOTYPE] = ROW("EPROTOTYPE", "wrong protocol type for the socket"),
	[ENOPROTOOPT] = ROW("ENOPROTOOPT", "protocol option not available"),
	[EPROTONOSUPPORT] = ROW("EPROTONOSUPPORT", "protocol not supported"),
	[ESOCKTNOSUPPORT] = ROW("ESOCKTNOSUPPORT", "socket type not supported"),
	[EOPNOTSUPP] = ROW("EOPNOTSUPP", "operation not supported"),
	[EPFNOSUPPORT] = ROW("EPFNOSUPPORT", "protocol family not supported"),
	[EAFNOSUPPORT] = ROW("EAFNOSUPPORT", "address family not supported"),
	[EADDRINUSE] = ROW("EADDRINUSE", "address already in use"),
	[EADDRNOTAVAIL] = ROW("EADDRNOTAVAIL", "address not available"),
	[ENETDOWN] = ROW("ENETDOWN", "network is down"),
	[ENETUNREACH] = ROW("ENETUNREACH", "network unreachable"),
	[ENETRESET] = ROW("ENETRESET", "connection reset by the network"),
	[ECONNABORTED] = ROW("ECONNABORTED", "connection aborted"),
	[ECONNRESET] = ROW("ECONNRESET", "connection reset by peer"),
	[ENOBUFS] = ROW("ENOBUFS", "no buffer space available"),
	[EISCONN] = ROW("EISCONN", "already connected"),
	[ENOTCONN] = ROW("ENOTCONN", "not connected"),
	[ESHUTDOWN] = ROW("ESHUTDOWN", "socket is shut down"),
	[ETIMEDOUT] = ROW("ETIMEDOUT", "timed out"),
	[ECONNREFUSED] = ROW("ECONNREFUSED", "connection refused"),
	[EHOSTDOWN] = ROW("EHOSTDOWN", "host is down"),
	[EHOSTUNREACH] = ROW("EHOSTUNREACH", "host unreachable"),
	[EALREADY] = ROW("EALREADY", "already in progress"),
	[EINPROGRESS] = ROW("EINPROGRESS", "in progress"),
	[ESTALE] = ROW("ESTALE", "stale file handle"),
	[EUCLEAN] = ROW("EUCLEAN", "file system needs cleaning"),
	[EREMOTEIO] = ROW("EREMOTEIO", "remote input/output error"),
	[EDQUOT] = ROW("EDQUOT", "quota exceeded"),
	[ENOMEDIUM] = ROW("ENOMEDIUM", "no medium"),
	[EMEDIUMTYPE] = ROW("EMEDIUMTYPE", "wrong medium"),
	[ECANCELED] = ROW("ECANCELED", "cancelled"),
	[ENOKEY] = ROW("ENOKEY", "required key not available"),
	[EKEYEXPIRED] = ROW("EKEYEXPIRED", "key has expired"),
	[EKEYREVOKED] = ROW("EKEYREVOKED", "key has been revoked"),
	[EKEYREJECTED] = ROW("EKEYREJECTED", "key was rejected"),
	[EOWNERDEAD] = ROW("EOWNERDEAD", "owner died"),
	[ENOTRECOVERABLE] = ROW("ENOTRECOVERABLE", "state not recoverable"),
	[ERFKILL] = ROW("ERFKILL", "blocked by the radio switch"),
	[EHWPOISON] = ROW("EHWPOISON", "memory page has a hardware error"),
};

static const struct err_entry *err_find(int err)
{
	static const struct err_entry unknown = {"E?", "unknown error"};
	/* -INT_MIN does not exist; as an unsigned it is a number beyond the table. */
	unsigned e = err < 0 ? 0u - (unsigned)err : (unsigned)err;

	return e < (unsigned)COUNT(errs) && errs[e].name ? &errs[e] : &unknown;
}

const char *err_name(int err)
{
	return err_find(err)->name;
}

const char *err_text(int err)
{
	const struct err_entry *e = err_find(err);

	return e->text ? e->text : e->name;
}

/* Real-time signals have no name here: SIGRTMIN is 34 in glibc and 35 in musl, so the name would
 * not say which is meant. */
static const char *const sigs[] = {
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
	return sig > 0 && sig < COUNT(sigs) && sigs[sig] ? sigs[sig] : "SIG?";
}

int sig_number(const char *name)
{
	const size_t prefix = strlen("SIG");

	if (strncmp(name, "SIG", prefix) == 0)
		name += prefix;
	for (int sig = 1; sig < COUNT(sigs); sig++) {
		if (sigs[sig] && strcmp(sigs[sig] + prefix, name) == 0)
			return sig;
	}
	return -1;
}
