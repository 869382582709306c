/* SPDX-License-Identifier: MIT
 * Names of errno values and signals: see errname.h. The tables are indexed by the constants themselves, since the numbers
 * differ from one architecture to the next.
 */
#include "base/errname.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

struct err_entry {
	const char *name;
	const char *text;
};

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct err_entry errs[] = {
	[0] = {"OK", "no error"},
	[EPERM] = {"EPERM", "operation not permitted"},
	[ENOENT] = {"ENOENT", "no such file or directory"},
	[ESRCH] = {"ESRCH", "no such process"},
	[EINTR] = {"EINTR", "interrupted by a signal"},
	[EIO] = {"EIO", "input/output error"},
	[ENXIO] = {"ENXIO", "no such device or address"},
	[E2BIG] = {"E2BIG", "argument list too long"},
	[ENOEXEC] = {"ENOEXEC", "not an executable format"},
	[EBADF] = {"EBADF", "bad file descriptor"},
	[ECHILD] = {"ECHILD", "no child processes"},
	[EAGAIN] = {"EAGAIN", "temporarily unavailable"},
	[ENOMEM] = {"ENOMEM", "out of memory"},
	[EACCES] = {"EACCES", "permission denied"},
	[EFAULT] = {"EFAULT", "bad address"},
	[ENOTBLK] = {"ENOTBLK", "not a block device"},
	[EBUSY] = {"EBUSY", "device or resource busy"},
	[EEXIST] = {"EEXIST", "already exists"},
	[EXDEV] = {"EXDEV", "crosses file systems"},
	[ENODEV] = {"ENODEV", "no such device"},
	[ENOTDIR] = {"ENOTDIR", "not a directory"},
	[EISDIR] = {"EISDIR", "is a directory"},
	[EINVAL] = {"EINVAL", "invalid argument"},
	[ENFILE] = {"ENFILE", "too many open files in the system"},
	[EMFILE] = {"EMFILE", "too many open files"},
	[ENOTTY] = {"ENOTTY", "not a terminal, or wrong ioctl for the device"},
	[ETXTBSY] = {"ETXTBSY", "program file is in use"},
	[EFBIG] = {"EFBIG", "file too large"},
	[ENOSPC] = {"ENOSPC", "no space left on device"},
	[ESPIPE] = {"ESPIPE", "not seekable"},
	[EROFS] = {"EROFS", "read-only file system"},
	[EMLINK] = {"EMLINK", "too many links"},
	[EPIPE] = {"EPIPE", "broken pipe"},
	[EDOM] = {"EDOM", "outside the domain of the function"},
	[ERANGE] = {"ERANGE", "out of range"},
	[EDEADLK] = {"EDEADLK", "would deadlock"},
	[ENAMETOOLONG] = {"ENAMETOOLONG", "name too long"},
	[ENOLCK] = {"ENOLCK", "no locks available"},
	[ENOSYS] = {"ENOSYS", "not supported by this kernel"},
	[ENOTEMPTY] = {"ENOTEMPTY", "directory not empty"},
	[ELOOP] = {"ELOOP", "too many symbolic links"},
	[ENOMSG] = {"ENOMSG", "no message of that type"},
	[EIDRM] = {"EIDRM", "identifier removed"},
	[ENOSTR] = {"ENOSTR", "not a stream"},
	[ENODATA] = {"ENODATA", "no data available"},
	[ETIME] = {"ETIME", "timer expired"},
	[ENOLINK] = {"ENOLINK", "link severed"},
	[EPROTO] = {"EPROTO", "protocol error"},
	[EBADMSG] = {"EBADMSG", "bad message"},
	[EOVERFLOW] = {"EOVERFLOW", "value too large for its type"},
	[EILSEQ] = {"EILSEQ", "invalid byte sequence"},
	[EUSERS] = {"EUSERS", "too many users or namespaces"},
	[ENOTSOCK] = {"ENOTSOCK", "not a socket"},
	[EDESTADDRREQ] = {"EDESTADDRREQ", "destination address required"},
	[EMSGSIZE] = {"EMSGSIZE", "message too long"},
	[EPROTOTYPE] = {"EPROTOTYPE", "wrong protocol type for the socket"},
	[ENOPROTOOPT] = {"ENOPROTOOPT", "protocol option not available"},
	[EPROTONOSUPPORT] = {"EPROTONOSUPPORT", "protocol not supported"},
	[ESOCKTNOSUPPORT] = {"ESOCKTNOSUPPORT", "socket type not supported"},
	[EOPNOTSUPP] = {"EOPNOTSUPP", "operation not supported"},
	[EPFNOSUPPORT] = {"EPFNOSUPPORT", "protocol family not supported"},
	[EAFNOSUPPORT] = {"EAFNOSUPPORT", "address family not supported"},
	[EADDRINUSE] = {"EADDRINUSE", "address already in use"},
	[EADDRNOTAVAIL] = {"EADDRNOTAVAIL", "address not available"},
	[ENETDOWN] = {"ENETDOWN", "network is down"},
	[ENETUNREACH] = {"ENETUNREACH", "network unreachable"},
	[ENETRESET] = {"ENETRESET", "connection reset by the network"},
	[ECONNABORTED] = {"ECONNABORTED", "connection aborted"},
	[ECONNRESET] = {"ECONNRESET", "connection reset by peer"},
	[ENOBUFS] = {"ENOBUFS", "no buffer space available"},
	[EISCONN] = {"EISCONN", "already connected"},
	[ENOTCONN] = {"ENOTCONN", "not connected"},
	[ESHUTDOWN] = {"ESHUTDOWN", "socket is shut down"},
	[ETIMEDOUT] = {"ETIMEDOUT", "timed out"},
	[ECONNREFUSED] = {"ECONNREFUSED", "connection refused"},
	[EHOSTDOWN] = {"EHOSTDOWN", "host is down"},
	[EHOSTUNREACH] = {"EHOSTUNREACH", "host unreachable"},
	[EALREADY] = {"EALREADY", "already in progress"},
	[EINPROGRESS] = {"EINPROGRESS", "in progress"},
	[ESTALE] = {"ESTALE", "stale file handle"},
	[EUCLEAN] = {"EUCLEAN", "file system needs cleaning"},
	[EREMOTEIO] = {"EREMOTEIO", "remote input/output error"},
	[EDQUOT] = {"EDQUOT", "quota exceeded"},
	[ENOMEDIUM] = {"ENOMEDIUM", "no medium"},
	[EMEDIUMTYPE] = {"EMEDIUMTYPE", "wrong medium"},
	[ECANCELED] = {"ECANCELED", "cancelled"},
	[ENOKEY] = {"ENOKEY", "required key not available"},
	[EKEYEXPIRED] = {"EKEYEXPIRED", "key has expired"},
	[EKEYREVOKED] = {"EKEYREVOKED", "key has been revoked"},
	[EKEYREJECTED] = {"EKEYREJECTED", "key was rejected"},
	[EOWNERDEAD] = {"EOWNERDEAD", "owner died"},
	[ENOTRECOVERABLE] = {"ENOTRECOVERABLE", "state not recoverable"},
	[ERFKILL] = {"ERFKILL", "blocked by the radio switch"},
	[EHWPOISON] = {"EHWPOISON", "memory page has a hardware error"},
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
	return err_find(err)->text;
}

/* Real-time signals have no name here: SIGRTMIN is 34 in glibc and 35 in musl, so the name would not say which is meant. */
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
