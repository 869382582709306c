/* SPDX-License-Identifier: MIT
 * Every option and bound of bulkhead, with the values of the default configuration. A build that
 * was configured by Kconfig takes them from the generated autoconf.h instead. An option is 1 or 0,
 * never undefined. `bulkctl info` prints them.
 */
#pragma once

#ifdef HAVE_AUTOCONF_H
#include "autoconf.h"
#else

/* What can be left out (base/feature.h). */
#define CONFIG_INTERFACES 1      /* Interfaces and VirtualEthernet */
#define CONFIG_LANDLOCK 1        /* Landlock */
#define CONFIG_SELINUX 1         /* the policy's loader and [SELinux] */
#define CONFIG_SELINUX_MODULES 1 /* --selinux */
#define CONFIG_CGROUP_BPF 1      /* DeviceAllow, IPAddressAllow, IPAddressDeny */
#define CONFIG_CGROUP_IO 1       /* IOWeight, limits of disks */
#define CONFIG_ROOT_IMAGE 1      /* RootImage */
#define CONFIG_OLD_MOUNT 1       /* kernels before 5.12 */
#define CONFIG_CONDITIONS 1      /* Condition... */
#define CONFIG_SOCKETS 1         /* [Socket], SocketContext */
#define CONFIG_TIMERS 1          /* [Timer] */
#define CONFIG_STORAGE 1         /* DataPartition, Overlay, FactoryReset, RandomSeedFile */
#define CONFIG_MODULES 1         /* [Boot] Modules */
#define CONFIG_WATCHDOG 1        /* [Watchdog] */
#define CONFIG_CONTAINER 1       /* process 1 of a container */
#define CONFIG_RESCUE_SHELL 0    /* default of RescueShell: enum plan_rescue */
#define CONFIG_COMPILER 1        /* bulkhead-compile on the device */
#define CONFIG_RELOAD 1          /* diff, reload */
#define CONFIG_EXPLAIN 1         /* explain */
#define CONFIG_IN_FORCE 1        /* what is in force, in explain */
#define CONFIG_SECURITY 1        /* security */
#define CONFIG_TRY 1             /* try, bulkhead-try */
#define CONFIG_LEARN 1           /* learn */
#define CONFIG_KERNEL_CHECK 1    /* kernel-check */
#define CONFIG_JSON 1            /* --json */
#define CONFIG_PLAN_DUMP 1       /* --dump */
#define CONFIG_MANUAL 1          /* --list-directives */
#define CONFIG_ERROR_TEXT 1      /* errors in words */

#define CONFIG_MAX_SERVICES 256 /* services in a plan, refused ones included */
#define CONFIG_MAX_PLAN_KB 1024 /* the whole plan, in kB */
#define CONFIG_MAX_NAME 48      /* bytes of a service's name, with the NUL */
#define CONFIG_MAX_CLIENTS 8    /* control connections at a time */
#define CONFIG_MAX_SOCKETS 64   /* listening sockets of all services */
#define CONFIG_MAX_TIMERS 32    /* services with a [Timer] */
#define CONFIG_MAX_EDGES 32     /* dependencies of one service */
#define CONFIG_LOG_RING_KB 32   /* default size of one service's log ring, in kB */
#define CONFIG_MAX_LINE 1024    /* bytes of one log line; longer ones are split */
#define CONFIG_MAX_INI_KB 64    /* one service file, in kB; larger ones are refused */

#endif
