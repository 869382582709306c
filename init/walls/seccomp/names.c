/* SPDX-License-Identifier: MIT
 * What SystemCallRule may call things: parameters by the names of their manual pages, constants by those of the headers. Only constants that have
 * one value on all our architectures; others are written as numbers.
 */
#include "walls/seccomp/rules.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/kd.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>

/* A star: the kernel looks at all 64 bits (pointers, sizes, unsigned long). */
static const struct {
	const char *call;
	const char *parameters;
} parameters[] = {
	{"accept4", "sockfd addr* addrlen* flags"},
	{"access", "pathname* mode"},
	{"bind", "sockfd addr* addrlen"},
	{"chmod", "pathname* mode"},
	{"clone", "flags*"}, /* on all our architectures the flags come first */
	{"close", "fd"},
	{"connect", "sockfd addr* addrlen"},
	{"dup2", "oldfd newfd"},
	{"dup3", "oldfd newfd flags"},
	{"epoll_ctl", "epfd op fd event*"},
	{"faccessat", "dirfd pathname* mode"},
	{"fchmod", "fd mode"},
	{"fchmodat", "dirfd pathname* mode"},
	{"fcntl", "fd cmd arg*"},
	{"fcntl64", "fd cmd arg*"},
	{"getsockopt", "sockfd level optname optval* optlen*"},
	{"ioctl", "fd request argp*"},
	{"ioperm", "from* num* turn_on"},
	{"kill", "pid sig"},
	{"listen", "sockfd backlog"},
	{"lseek", "fd offset* whence"},
	{"madvise", "addr* length* advice"},
	{"memfd_create", "name* flags"},
	{"mkdir", "pathname* mode"},
	{"mkdirat", "dirfd pathname* mode"},
	{"mknod", "pathname* mode dev"},
	{"mknodat", "dirfd pathname* mode dev"},
	{"mlockall", "flags"},
	{"mmap", "addr* length* prot* flags* fd offset*"},
	{"mmap2", "addr* length* prot* flags* fd offset*"},
	{"mprotect", "addr* len* prot*"},
	{"open", "pathname* flags mode"},
	{"openat", "dirfd pathname* flags mode"},
	{"personality", "persona"},
	{"pkey_mprotect", "addr* len* prot* pkey"},
	{"prctl", "option arg2* arg3* arg4* arg5*"},
	{"prlimit64", "pid resource new_limit* old_limit*"},
	{"read", "fd buf* count*"},
	{"recvfrom", "sockfd buf* len* flags src_addr* addrlen*"},
	{"recvmsg", "sockfd msg* flags"},
	{"sched_setscheduler", "pid policy param*"},
	{"sendmsg", "sockfd msg* flags"},
	{"sendto", "sockfd buf* len* flags dest_addr* addrlen"},
	{"setns", "fd nstype"},
	{"setpriority", "which who prio"},
	{"setsockopt", "sockfd level optname optval* optlen"},
	{"shmat", "shmid shmaddr* shmflg"},
	{"shutdown", "sockfd how"},
	{"socket", "domain type protocol"},
	{"socketpair", "domain type protocol sv*"},
	{"tgkill", "tgid tid sig"},
	{"timerfd_create", "clockid flags"},
	{"tkill", "tid sig"},
	{"umask", "mask"},
	{"unshare", "flags*"},
	{"write", "fd buf* count*"},
};

/* NEWTIME is only for clone3 and unshare: among clone's flags its bit is part of the exit signal. */
#define NEW_NAMESPACES "CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET"

static const struct {
	const char *call;
	const char *expression;
} by_default[] = {
	/* Namespaces are ours to make; a new user namespace is where most of the kernel's holes are reached from. */
	{"clone", "flags & " NEW_NAMESPACES " == 0"},
	{"unshare", "flags & " NEW_NAMESPACES "|CLONE_NEWTIME == 0"},
	/* The protocols too: for any other the kernel goes looking for a module of the host's. socketpair(2) does the same. */
	{"socket",
		"domain == AF_UNIX || domain in AF_INET AF_INET6 && protocol in IPPROTO_IP IPPROTO_ICMP IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMPV6"
		" || domain == AF_NETLINK && protocol in NETLINK_ROUTE NETLINK_KOBJECT_UEVENT NETLINK_GENERIC"},
	{"socketpair", "domain == AF_UNIX"},
	/* Both push input into a terminal as if it had been typed. */
	{"ioctl", "request != TIOCSTI && request != TIOCLINUX"},
	{"personality", "persona in 0 0xffffffff"}, /* set the plain one, ask */
	/* Memory is either written or executed. */
	{"mmap", "prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC"},
	{"mmap2", "prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC"},
	{"mprotect", "prot & PROT_EXEC == 0"},
	{"pkey_mprotect", "prot & PROT_EXEC == 0"},
	{"shmat", "shmflg & SHM_EXEC == 0"},
};

#define C(name) \
	{ \
#name, (uint64_t)(name) \
	}

static const struct {
	const char *name;
	uint64_t value;
} constants[] = {
	C(AF_UNSPEC),
	C(AF_UNIX),
	C(AF_LOCAL),
	C(AF_INET),
	C(AF_INET6),
	C(AF_NETLINK),
	C(AF_PACKET),
	C(AF_ALG),
	C(AF_BLUETOOTH),
	C(AF_CAN),
	C(AF_VSOCK),
	C(AF_KEY),
	C(AF_PPPOX),
	C(AF_TIPC),
	C(AF_XDP),
	C(SOCK_STREAM),
	C(SOCK_DGRAM),
	C(SOCK_RAW),
	C(SOCK_RDM),
	C(SOCK_SEQPACKET),
	C(SOCK_NONBLOCK),
	C(SOCK_CLOEXEC),
	C(IPPROTO_IP),
	C(IPPROTO_ICMP),
	C(IPPROTO_TCP),
	C(IPPROTO_UDP),
	C(IPPROTO_IPV6),
	C(IPPROTO_ICMPV6),
	C(IPPROTO_RAW),
	C(SOL_SOCKET),
	C(SOL_IP),
	C(SOL_TCP),
	C(SOL_IPV6),
	C(NETLINK_ROUTE),
	C(NETLINK_NETFILTER),
	C(NETLINK_KOBJECT_UEVENT),
	C(NETLINK_GENERIC),
	C(NETLINK_AUDIT),
	C(SHUT_RD),
	C(SHUT_WR),
	C(SHUT_RDWR),
	C(PROT_NONE),
	C(PROT_READ),
	C(PROT_WRITE),
	C(PROT_EXEC),
	C(MAP_SHARED),
	C(MAP_PRIVATE),
	C(MAP_FIXED),
	C(MAP_ANONYMOUS),
	C(MAP_LOCKED),
	C(MAP_HUGETLB),
	C(MCL_CURRENT),
	C(MCL_FUTURE),
	C(SHM_EXEC),
	C(SHM_RDONLY),
	C(CLONE_VM),
	C(CLONE_FS),
	C(CLONE_FILES),
	C(CLONE_SIGHAND),
	C(CLONE_PTRACE),
	C(CLONE_VFORK),
	C(CLONE_PARENT),
	C(CLONE_THREAD),
	C(CLONE_NEWNS),
	C(CLONE_SYSVSEM),
	C(CLONE_SETTLS),
	C(CLONE_PARENT_SETTID),
	C(CLONE_CHILD_CLEARTID),
	C(CLONE_UNTRACED),
	C(CLONE_CHILD_SETTID),
	C(CLONE_NEWCGROUP),
	C(CLONE_NEWUTS),
	C(CLONE_NEWIPC),
	C(CLONE_NEWUSER),
	C(CLONE_NEWPID),
	C(CLONE_NEWNET),
	C(CLONE_NEWTIME),
	C(CLONE_IO),
	C(O_RDONLY),
	C(O_WRONLY),
	C(O_RDWR),
	C(O_ACCMODE),
	C(O_CREAT),
	C(O_EXCL),
	C(O_NOCTTY),
	C(O_TRUNC),
	C(O_APPEND),
	C(O_NONBLOCK),
	C(O_CLOEXEC),
	C(F_DUPFD),
	C(F_GETFD),
	C(F_SETFD),
	C(F_GETFL),
	C(F_SETFL),
	C(F_SETOWN),
	C(F_GETOWN),
	C(F_DUPFD_CLOEXEC),
	C(F_SETPIPE_SZ),
	C(F_GETPIPE_SZ),
	C(F_ADD_SEALS),
	C(F_GET_SEALS),
	C(SEEK_SET),
	C(SEEK_CUR),
	C(SEEK_END),
	C(SCHED_OTHER),
	C(SCHED_FIFO),
	C(SCHED_RR),
	C(SCHED_BATCH),
	C(SCHED_IDLE),
	C(TCGETS),
	C(TCSETS),
	C(TCSETSW),
	C(TCSETSF),
	C(TCSBRK),
	C(TCXONC),
	C(TCFLSH),
	C(TIOCEXCL),
	C(TIOCNXCL),
	C(TIOCSCTTY),
	C(TIOCGPGRP),
	C(TIOCSPGRP),
	C(TIOCOUTQ),
	C(TIOCSTI),
	C(TIOCGWINSZ),
	C(TIOCSWINSZ),
	C(TIOCMGET),
	C(TIOCMSET),
	C(TIOCLINUX),
	C(TIOCCONS),
	C(TIOCNOTTY),
	C(TIOCGSID),
	C(TIOCGPTN),
	C(TIOCSPTLCK),
	C(TIOCGPTPEER),
	C(FIONREAD),
	C(FIONBIO),
	C(FIOCLEX),
	C(FIONCLEX),
	C(FIOASYNC),
	C(KDSETMODE),
	C(KDGETMODE),
	C(KDSKBMODE),
	C(SIOCGIFNAME),
	C(SIOCGIFCONF),
	C(SIOCGIFFLAGS),
	C(SIOCSIFFLAGS),
	C(SIOCGIFADDR),
	C(SIOCSIFADDR),
	C(SIOCGIFNETMASK),
	C(SIOCSIFNETMASK),
	C(SIOCGIFMTU),
	C(SIOCSIFMTU),
	C(SIOCGIFHWADDR),
	C(SIOCGIFINDEX),
	C(SIOCGIFBRDADDR),
	C(SIOCSARP),
	C(SIOCETHTOOL),
	C(SIOCATMARK),
	C(TUNSETIFF),
	C(TUNGETIFF),
	C(PR_SET_NAME),
	C(PR_GET_NAME),
	C(PR_SET_PDEATHSIG),
	C(PR_SET_DUMPABLE),
	C(PR_GET_DUMPABLE),
	C(PR_SET_KEEPCAPS),
	C(PR_SET_NO_NEW_PRIVS),
	C(PR_GET_NO_NEW_PRIVS),
	C(PR_SET_SECCOMP),
	C(PR_CAPBSET_READ),
	C(PR_CAPBSET_DROP),
	C(PR_SET_SECUREBITS),
	C(PR_CAP_AMBIENT),
	C(PR_SET_CHILD_SUBREAPER),
	C(PR_SET_TIMERSLACK),
	C(PR_SET_VMA),
	C(PR_SET_MM),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *rule_parameters(struct span call)
{
	for (size_t i = 0; i < COUNT(parameters); i++) {
		if (span_is(call, parameters[i].call))
			return parameters[i].parameters;
	}
	return NULL;
}

struct span rule_by_default(struct span call)
{
	for (size_t i = 0; i < COUNT(by_default); i++) {
		if (span_is(call, by_default[i].call))
			return span_of(by_default[i].expression);
	}
	return (struct span){"", 0};
}

int rule_constant(struct span name, uint64_t *value)
{
	for (size_t i = 0; i < COUNT(constants); i++) {
		if (!span_is(name, constants[i].name))
			continue;
		*value = constants[i].value;
		return 0;
	}
	return -ENOENT;
}

void rule_try_constants(struct nearest *near)
{
	for (size_t i = 0; i < COUNT(constants); i++)
		nearest_try(near, span_of(constants[i].name));
}
