/* SPDX-License-Identifier: MIT
 * The channel between PID 1 and bulkhead-log: a SOCK_SEQPACKET socket, descriptor LOG_CHANNEL_FD in
 * bulkhead-log. PID 1 sends one record per service with the read end of that service's output pipe
 * attached (SCM_RIGHTS, unix(7)). PID 1 keeps both ends open as long as the service is known, so
 * that neither a restart of the service nor one of bulkhead-log loses a byte or raises SIGPIPE. A
 * new bulkhead-log is sent every record again. The pipes are O_NONBLOCK on the reading side only.
 */
#pragma once
#include "base/config.h"
#include <stdint.h>

#define LOG_CHANNEL_FD 7
/* Descriptors of bulkhead-log at most: a pipe and a ring file per service, and its own. */
#define LOG_FDS (2 * CONFIG_MAX_SERVICES + 16)
#define LOG_DIRECTORY "/run/log/bulkhead" /* the rings: LOG_DIRECTORY/NAME */

enum channel_kind {
	CHANNEL_SERVICE = 1,
	/* a record without a descriptor, answered by CHANNEL_HERE with the same number: `index` there,
	 * `value` here */
	CHANNEL_ASK,
	/* a record without a descriptor: processes of service `index` have ended, and what its pipe
	 * holds now is the end of their output */
	CHANNEL_OVER,
	CHANNEL_HERE,  /* from bulkhead-log, in a channel_word, as the next three */
	CHANNEL_AWAY,  /* `value` of its reads do not return */
	CHANNEL_HELD,  /* service `value` keeps its pipe from being read (log/guard.c) */
	CHANNEL_STILL, /* the pipe of service `value` is still held */
};

struct channel_word {
	uint32_t kind;
	uint32_t value;
};

struct channel_record {
	uint32_t kind;
	/* the service's index in the plan; whoever had it before has none any more */
	uint32_t index;
	uint32_t ring_kb;    /* size of its ring */
	uint32_t forward;    /* 0 = no, 1 = copy each line to /dev/kmsg */
	uint32_t rate_burst; /* lines per interval; 0 = no limit */
	uint32_t rate_interval_ms;
	/* bytes that PID 1 has dropped since the last record, while no bulkhead-log ran */
	uint32_t lost;
	char name[CONFIG_MAX_NAME];
};
