/* SPDX-License-Identifier: MIT
 * What PID 1 tells bulkhead-log on its channel (SOCK_SEQPACKET, descriptor LOG_CHANNEL_FD in
 * bulkhead-log): one record a service, with the read end of that service's output pipe attached
 * (SCM_RIGHTS, unix(7)). PID 1 keeps both ends open for as long as the service is known, so that
 * neither a restart of the service nor one of bulkhead-log loses a byte or raises SIGPIPE; to a new
 * bulkhead-log it sends every record again. All pipes are O_NONBLOCK on the reading side only.
 */
#pragma once
#include "base/config.h"
#include <stdint.h>

#define LOG_CHANNEL_FD 7
/* of bulkhead-log, at most: a pipe and a ring's file each, and its own */
#define LOG_FDS (2 * CONFIG_MAX_SERVICES + 16)
#define LOG_DIRECTORY "/run/log/bulkhead" /* the rings: LOG_DIRECTORY/NAME */

enum channel_kind {
	CHANNEL_SERVICE = 1,
	/* whether it is there: a record without a descriptor, answered by CHANNEL_HERE */
	CHANNEL_ASK,
	CHANNEL_HERE,  /* from bulkhead-log, in a channel_word; likewise */
	CHANNEL_AWAY,  /* from it: `value` of its reads do not come back */
	CHANNEL_HELD,  /* service `value` keeps its pipe from being read (log/guard.c) */
	CHANNEL_STILL, /* and that pipe is still held since */
};

struct channel_word {
	uint32_t kind;
	uint32_t value;
};

struct channel_record {
	uint32_t kind;
	uint32_t index;      /* of the service in the plan */
	uint32_t ring_kb;    /* size of its ring */
	uint32_t forward;    /* 0 none, 1: copy each line to /dev/kmsg */
	uint32_t rate_burst; /* lines per interval; 0 = no limit */
	uint32_t rate_interval_ms;
	/* bytes that PID 1 has dropped since the last record, as nobody was there to read them */
	uint32_t lost;
	char name[CONFIG_MAX_NAME];
};
