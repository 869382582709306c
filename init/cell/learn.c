/* SPDX-License-Identifier: MIT
 * Learning what a service needs: the filter that replaces its own. It refuses nothing. For each
 * call the kernel waits until the holder of the listener (bulkhead-try) has recorded it and lets it
 * go on. The most frequent calls, which every service needs, are not watched, so that the service
 * stays fast. Native calls only, as always.
 */
#include "base/count.h"
#include "base/sys.h"
#include "base/untraced.h"
#include "cell/cell.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

static const int untraced[] = {
	CELL_LEARN_UNTRACED,
};

#define UNTRACED COUNT(untraced)

int cell_learn(struct cell *c)
{
	struct sock_filter filter[UNTRACED + 6];
	size_t n = 0;
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, arch));
	filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, plan_native_arch(), 1, 0);
	filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS);
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < UNTRACED; i++)
		filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)untraced[i],
			(uint8_t)(UNTRACED - i), 0);
	filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_USER_NOTIF);
	filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	int fd = sys_seccomp_filter(filter, (unsigned short)n, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	if (fd < 0)
		return wall_failed(&c->why, fd, "user notification (Linux 5.5)");
	/* From here on only calls that are not watched, until somebody else holds the listener. */
	__atomic_store_n(&c->listener, fd, __ATOMIC_RELEASE);
	sys_futex_wake(&c->alive);
	return 0;
}
