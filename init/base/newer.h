/* SPDX-License-Identifier: MIT
 * What of the kernel's interface is newer than the headers that bulkhead can be built with, which
 * are those of the oldest kernel that it runs on (KERNEL_OLDEST): a device's toolchain often has
 * the headers of its own kernel.
 */
#pragma once
#include <linux/close_range.h>
#include <linux/mount.h>
#include <linux/openat2.h>

#ifndef MS_NOSYMFOLLOW /* 5.10 */
#define MS_NOSYMFOLLOW 256
#endif
#define STATFS_NOSYMFOLLOW 0x2000 /* include/linux/statfs.h: f_flags of statfs(2) */
#ifndef CLOSE_RANGE_CLOEXEC       /* 5.11 */
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif
#ifndef RESOLVE_CACHED /* 5.12 */
#define RESOLVE_CACHED 0x20
#endif
#ifndef MOUNT_ATTR_SIZE_VER0 /* 5.12 */
#define MOUNT_ATTR_SIZE_VER0 32
struct mount_attr {
	unsigned long long attr_set, attr_clr, propagation, userns_fd;
};
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW /* 5.14 */
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
