/* SPDX-License-Identifier: MIT
 * Groups of system calls. Names are libseccomp's; those that a target architecture does not have are left out there. @service is the default: what
 * ordinary daemons use, without what changes the machine, other users' processes or its own walls.
 */
#include "walls/seccomp/rules.h"

const struct seccomp_group seccomp_groups[] = {
	{"@aio", "io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit"},
	{"@basic-io",
		"_llseek close close_range dup dup2 dup3 lseek pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readv write writev"},
	{"@chown", "chown chown32 fchown fchown32 fchownat lchown lchown32"},
	{"@clock", "adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64 settimeofday stime"},
	{"@debug", "kcmp lookup_dcookie perf_event_open pidfd_getfd process_vm_readv process_vm_writev ptrace"},
	{"@file-system",
		"access chdir chmod close creat faccessat faccessat2 fallocate fadvise64 fadvise64_64 arm_fadvise64_64 fchdir fchmod fchmodat fchmodat2 "
		"fcntl fcntl64 fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 ftruncate ftruncate64 futimesat "
		"getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lgetxattr link linkat listxattr "
		"llistxattr lremovexattr lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat newfstatat oldfstat oldlstat oldstat open openat openat2 "
		"readlink readlinkat removexattr rename renameat renameat2 rmdir setxattr stat stat64 statfs statfs64 statx symlink symlinkat truncate "
		"truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes"},
	{"@io-event",
		"_newselect epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 poll ppoll ppoll_time64 pselect6 "
		"pselect6_time64 select"},
	/* Without memfd_create: what is written to such a file can be mapped executable or executed, past W^X. Who needs it names it. */
	{"@ipc",
		"ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl "
		"msgget msgrcv msgsnd pipe pipe2 semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget"},
	{"@keyring", "add_key keyctl request_key"},
	{"@memory",
		"brk cacheflush madvise membarrier mincore mmap mmap2 mprotect mremap msync munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages "
		"map_shadow_stack"},
	{"@memory-lock", "mlock mlock2 mlockall munlock munlockall"},
	{"@module", "create_module delete_module finit_module init_module query_module get_kernel_syms"},
	{"@mount", "chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root umount umount2"},
	{"@network-io",
		"accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg "
		"sendto setsockopt shutdown socket socketcall socketpair"},
	/* Interfaces, routes and firewalls are set through sockets; what is left is the machine's name, which DHCP may bring. */
	{"@network-admin", "@network-io setdomainname sethostname"},
	{"@process",
		"arch_prctl capget capset clone execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake "
		"get_robust_list get_thread_area getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid "
		"getppid getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid gettid getuid getuid32 personality pidfd_open "
		"pidfd_send_signal prctl restart_syscall rseq sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam "
		"sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_yield seccomp set_robust_list set_thread_area "
		"set_tid_address set_tls setpgid setsid times ugetrlimit unshare vfork wait4 waitid waitpid"},
	{"@raw-io", "ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write s390_pci_mmio_read s390_pci_mmio_write"},
	{"@reboot", "kexec_file_load kexec_load reboot"},
	{"@resources",
		"ioprio_get ioprio_set getpriority nice prlimit64 process_madvise process_mrelease sched_setaffinity sched_setattr sched_setparam "
		"sched_setscheduler setpriority setrlimit"},
	{"@sandbox", "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp"},
	{"@setuid",
		"setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid "
		"setresuid32 setreuid setreuid32 setuid setuid32"},
	{"@signal",
		"kill pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 "
		"rt_tgsigqueueinfo sigaction sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend tgkill tkill"},
	{"@swap", "swapoff swapon"},
	{"@sync", "arm_sync_file_range fdatasync fsync sync sync_file_range sync_file_range2 syncfs"},
	{"@timer",
		"alarm clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday "
		"nanosleep setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 "
		"timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64"},
	{"@service",
		"@aio @basic-io @chown @file-system @io-event @ipc @memory @memory-lock @network-io @process @resources @sandbox @signal @sync @timer "
		"cachestat copy_file_range getrandom ioctl readahead sendfile sendfile64 splice sysinfo tee uname vmsplice"},
	{"@privileged",
		"@chown @clock @keyring @module @mount @raw-io @reboot @setuid @swap acct bpf fanotify_init fanotify_mark mbind migrate_pages move_pages "
		"name_to_handle_at nfsservctl open_by_handle_at quotactl quotactl_fd set_mempolicy set_mempolicy_home_node setdomainname sethostname "
		"setns syslog vhangup"},
	{"@known", NULL}, /* all; whoever opens everything gets no default rules either */
	{NULL, NULL},
};
