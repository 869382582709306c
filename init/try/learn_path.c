/* SPDX-License-Identifier: MIT
 * What a call that waits points to: paths and socket addresses, read from the service's memory, and
 * whether its view will let it have them. The service may change its memory before the kernel
 * looks: this is for learning from services that mean well, never for deciding.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/sys.h"
#include "try/learn_record.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* MAKES: a directory; GOES: one that it wants to be in, and does not make itself. */
enum how { READS, WRITES, MAKES, GOES, FLAGS, HOW };
#define NONE (-1)

/* Calls that name a file: where the path, the directory it is relative to, and the flags stand. */
static const struct {
	int nr;
	signed char path, directory, flags;
	unsigned char how;
} calls[] = {
#ifdef SYS_open
	{SYS_open, 0, NONE, 1, FLAGS},
	{SYS_creat, 0, NONE, NONE, WRITES},
	{SYS_mkdir, 0, NONE, NONE, MAKES},
	{SYS_rmdir, 0, NONE, NONE, WRITES},
	{SYS_unlink, 0, NONE, NONE, WRITES},
	{SYS_rename, 0, NONE, NONE, WRITES},
	{SYS_rename, 1, NONE, NONE, WRITES},
	{SYS_link, 1, NONE, NONE, WRITES},
	{SYS_symlink, 1, NONE, NONE, WRITES},
	{SYS_chmod, 0, NONE, NONE, WRITES},
	{SYS_stat, 0, NONE, NONE, READS},
#endif
#ifdef SYS_truncate64 /* machines of 32 bits */
	{SYS_truncate64, 0, NONE, NONE, WRITES},
	{SYS_stat64, 0, NONE, NONE, READS},
#endif
	{SYS_renameat, 1, 0, NONE, WRITES},
	{SYS_renameat, 3, 2, NONE, WRITES},
	{SYS_openat, 1, 0, 2, FLAGS},
	{SYS_openat2, 1, 0, 2, HOW},
	{SYS_mkdirat, 1, 0, NONE, MAKES},
	{SYS_mknodat, 1, 0, NONE, WRITES},
	{SYS_unlinkat, 1, 0, NONE, WRITES},
	{SYS_renameat2, 1, 0, NONE, WRITES},
	{SYS_renameat2, 3, 2, NONE, WRITES},
	{SYS_linkat, 3, 2, NONE, WRITES},
	{SYS_symlinkat, 2, 1, NONE, WRITES},
	{SYS_fchmodat, 1, 0, NONE, WRITES},
	{SYS_truncate, 0, NONE, NONE, WRITES},
	{SYS_chdir, 0, NONE, NONE, GOES},
};

static size_t read_memory(pid_t pid, uint64_t at, void *buf, size_t n)
{
	struct iovec here = {buf, n}, there = {(void *)(uintptr_t)at, n};
	ssize_t done = process_vm_readv(pid, &here, 1, &there, 1, 0);
	return done > 0 ? (size_t)done : 0;
}

/* To its NUL; in two steps, since what lies behind may not be mapped. */
static bool read_text(pid_t pid, uint64_t at, char *buf, size_t cap)
{
	size_t page = 4096 - (at & 4095), first = page < cap ? page : cap,
		   n = read_memory(pid, at, buf, first);
	if (n == first && !memchr(buf, '\0', n) && n < cap)
		n += read_memory(pid, at + n, buf + n, cap - n);
	return n > 0 && memchr(buf, '\0', n) && buf[0];
}

static void proc_path(struct fmt *f, char *buf, size_t cap, pid_t pid, const char *what)
{
	fmt_init(f, buf, cap);
	fmt_str(f, "/proc/");
	fmt_i64(f, pid);
	fmt_strs(f, "/", what, NULL);
}

/* As the service sees it. */
static bool make_absolute(pid_t pid, int directory, const char *path, char *out, size_t cap)
{
	char link[64], base[PATH_MAX];
	struct fmt f;
	if (path[0] != '/') {
		proc_path(&f, link, sizeof(link), pid, directory == AT_FDCWD ? "cwd" : "fd/");
		if (directory != AT_FDCWD)
			fmt_i64(&f, directory);
		ssize_t n = readlink(link, base, sizeof(base) - 1);
		if (n <= 0 || base[0] != '/')
			return false;
		base[n] = '\0';
	}
	fmt_init(&f, out, cap);
	if (path[0] != '/')
		fmt_strs(&f, strcmp(base, "/") == 0 ? "" : base, "/", NULL);
	fmt_str(&f, path);
	return !f.cut;
}

/* A descriptor of the path in the process's view, or of the nearest directory above it. *whole:
 * of the path itself. */
static int open_in_view(pid_t pid, const char *path, bool *whole)
{
	char root[64], part[PATH_MAX];
	struct fmt f;
	proc_path(&f, root, sizeof(root), pid, "root");
	int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -ENOENT;
	fmt_init(&f, part, sizeof(part));
	fmt_str(&f, path);
	for (*whole = true; top >= 0 && !f.cut; *whole = false) {
		fd = sys_openat2(top, part[0] ? part : "/", O_PATH | O_CLOEXEC, 0,
			RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
		char *slash = strrchr(part, '/');
		if (fd != -ENOENT || !slash || !part[0])
			break;
		*slash = '\0';
	}
	if (top >= 0)
		close(top);
	return fd;
}

static bool is_read_only(int fd)
{
	struct statvfs st;
	return fstatvfs(fd, &st) == 0 && st.f_flag & ST_RDONLY;
}

/* A slash behind it says that it is a directory. */
static void note_directory(struct learn *l, char *path, size_t cap)
{
	size_t n = strlen(path);
	if (path[n - 1] != '/' && n + 1 < cap) {
		path[n] = '/';
		path[n + 1] = '\0';
	}
	learn_note(l, "write", path);
}

static void look_at_path(struct learn *l, pid_t pid, int directory, const char *path, enum how how)
{
	char full[PATH_MAX];
	bool whole;
	/* Its own processes it always sees; and "self" would be we. */
	if (!make_absolute(pid, directory, path, full, sizeof(full)) ||
		strncmp(full, "/proc/self/", 11) == 0 || strncmp(full, "/proc/thread-self/", 18) == 0)
		return;
	int fd = open_in_view(pid, full, &whole);
	if (fd < 0)
		return;
	if (how == MAKES ? is_read_only(fd) : how == GOES && !whole)
		note_directory(l, full, sizeof(full));
	else if (how == WRITES && is_read_only(fd))
		learn_note(l, "write", full);
	else if (how == READS && !whole && access(full, F_OK) == 0)
		learn_note(l, "hidden", full);
	close(fd);
}

static enum how use_of(int flags)
{
	if ((flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC)))
		return READS;
	/* O_TMPFILE: a file without a name, in that directory */
	return flags & O_DIRECTORY ? MAKES : WRITES;
}

static void look_at_file(struct learn *l, const struct seccomp_notif *n, size_t i)
{
	const __u64 *args = n->data.args;
	pid_t pid = (pid_t)n->pid;
	struct open_how how = {0};
	char path[PATH_MAX];
	enum how use = (enum how)calls[i].how;
	if (!read_text(pid, args[(int)calls[i].path], path, sizeof(path)))
		return;
	if (use == FLAGS)
		use = use_of((int)args[(int)calls[i].flags]);
	else if (use == HOW)
		use = read_memory(pid, args[(int)calls[i].flags], &how, sizeof(how))
			? use_of((int)how.flags)
			: READS;
	look_at_path(l, pid, calls[i].directory == NONE ? AT_FDCWD : (int)args[(int)calls[i].directory],
		path, use);
}

/* ---- sockets ---- */

static unsigned first_free_port(void)
{
	char text[16];
	uint64_t port = 1024;
	if (sys_read_file(AT_FDCWD, "/proc/sys/net/ipv4/ip_unprivileged_port_start", text,
			sizeof(text)) > 0)
		num_u64((struct span){text, strcspn(text, "\n")}, 65535, &port);
	return (unsigned)port;
}

static void note_port(struct learn *l, const char *kind, unsigned port)
{
	char text[12];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_u64(&f, port);
	learn_note(l, kind, text);
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static bool is_loopback(const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

static void look_at_address(struct learn *l, pid_t pid, uint64_t at, uint64_t length, bool binds)
{
	union address a;
	memset(&a, 0, sizeof(a));
	if (!at ||
		read_memory(pid, at, &a, length < sizeof(a) ? (size_t)length : sizeof(a)) <
			sizeof(a.any.sa_family))
		return;
	if (a.any.sa_family == AF_UNIX && binds && length < sizeof(a) && a.un.sun_path[0])
		look_at_path(l, pid, AT_FDCWD, a.un.sun_path, WRITES);
	if (a.any.sa_family != AF_INET && a.any.sa_family != AF_INET6)
		return;
	unsigned port = ntohs(a.in.sin_port); /* at the same place in both */
	/* Who speaks to a port of this machine that is not his own wants that of another service. */
	if (is_loopback(&a)) {
		note_port(l, binds ? "own" : "local", port);
		return;
	}
	note_port(l, binds ? "bind" : "connect", port);
	if (binds && port && port < first_free_port())
		note_port(l, "low", port);
}

static void look_at_message(struct learn *l, pid_t pid, uint64_t at)
{
	struct msghdr m = {0};
	if (read_memory(pid, at, &m, sizeof(m)) == sizeof(m))
		look_at_address(l, pid, (uintptr_t)m.msg_name, m.msg_namelen, false);
}

static void look_at_socket(struct learn *l, uint64_t domain, uint64_t type)
{
	if (domain == AF_PACKET)
		learn_note(l, "raw", "packet");
	else if ((domain == AF_INET || domain == AF_INET6) && (type & 0xf) == SOCK_RAW)
		learn_note(l, "raw", "internet");
}

void learn_look(struct learn *l, const struct seccomp_notif *n)
{
	const __u64 *args = n->data.args;
	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].nr == n->data.nr)
			look_at_file(l, n, i);
	if (n->data.nr == SYS_socket)
		look_at_socket(l, args[0], args[1]);
	else if (n->data.nr == SYS_bind || n->data.nr == SYS_connect)
		look_at_address(l, (pid_t)n->pid, args[1], args[2], n->data.nr == SYS_bind);
	else if (n->data.nr == SYS_sendto)
		look_at_address(l, (pid_t)n->pid, args[4], args[5], false);
	else if (n->data.nr == SYS_sendmsg)
		look_at_message(l, (pid_t)n->pid, args[1]);
}
