/* SPDX-License-Identifier: MIT
 * The machine that decides. It knows a plan, the services' states and the time it is told; it makes
 * no system call, holds no descriptor and allocates nothing, so a device's life can be run in
 * virtual time, and its whole state is one block of bytes that survives a re-execution.
 *
 *   core_event(core, plan, event, now)     something happened
 *   while (core_next(core, plan, now, heard, &action)) do it
 *   wait until the next event or core_deadline(core)
 *
 * Time is judged by `heard` alone: all that happened until then has been told. Who is late in
 * hearing may so be late in judging, but never kills a service whose word, or whose exit, lies
 * unread. The mail of one service may have to wait longer (core_unread): then that service has
 * CORE_UNREAD_MS more.
 *
 * A start takes work: so many services at a time are on their way behind their walls, the others
 * wait (CORE_AT_ONCE). Hundreds that share the processors would all be late, PID 1 with them.
 *
 * The whole of a shutdown is bounded, whatever each service may take: half of RebootTimeoutSec, or
 * CORE_FINAL_MS. What is there then is killed, in no order and without ExecStopPost.
 *
 * A service's life:
 *
 *   DOWN ─▶ WAITING ─▶ PRE ─▶ STARTING ─▶ POST ─▶ UP (DONE: a oneshot that ended well)
 *             ▲  (order)  (ExecStartPre) (ExecStart) (ExecStartPost)   │ stop, exit, failure, time-out
 *             │                                                        ▼
 *          BACKOFF ◀── restart? ◀── STOP_POST ◀── KILL ◀── TERM ◀── STOP
 *             no: DOWN or FAILED                 (cgroup.kill) (KillSignal) (ExecStop)
 *
 * With SERVICE_ON_DEMAND a start goes as far as LISTENING: the sockets stand, no process is there,
 * and whoever requires the service finds it ready. Somebody who calls (EV_CONNECT) sends it through
 * WAITING into a life, and after that life, BACKOFF behind it, it listens again.
 *
 * REFUSED (its file has errors) and SKIPPED (a condition does not hold) are ends of their own. A
 * start waits until everything it orders itself after has settled; a stop waits until everything
 * ordered after it is down. What happens to the processes is the business of the loop; core hears
 * of two per service: the main process, and the control process of the Exec list that is running
 * beside it.
 */
#pragma once
#include "core/block.h"
#include "core/kinds.h"
#include "plan/plan.h"

/* Every service DOWN (or REFUSED), then those of the default group, or all enabled ones, asked
 * to start. */
void core_init(struct core *c, const struct plan *p, uint64_t now, uint64_t seed);
/* The same with another group than the plan's (bulkhead.group= on the kernel's command line). */
void core_init_group(struct core *c, const struct plan *p, uint32_t group, uint64_t now,
	uint64_t seed);
/* After a re-execution: true if the block is consistent with the plan. What is impossible in one
 * service makes that service FAILED, nothing else. */
bool core_adopt(struct core *c, const struct plan *p, uint64_t now);
/* After a re-execution: the command that `slot` was to run was handed out and never begun. It is
 * handed out again, as if it had not been; false if no command is due there. */
bool core_spawn_again(struct core *c, uint32_t service, uint16_t slot);
/* The same of any action: what core_next was handing out, and has handed out. */
bool core_has_handed_out(const struct core *c, const struct core_action *a);
void core_event(struct core *c, const struct plan *p, struct core_event ev, uint64_t now);
/* What service i says about itself lies unread, or not any more. While it does, the times for its
 * readiness and its watchdog are over so much later: it is spared for what it may have said, and
 * cannot put off its end for ever. */
#define CORE_UNREAD_MS 2000u
void core_unread(struct core *c, uint32_t i, bool unread);
/* ACT_LISTEN takes a while: until it is told the end of that, or EV_FAILED or EV_SKIPPED, nobody
 * takes service i for ready. */
void core_opening(struct core *c, uint32_t i, bool opening);
/* Hands out one decision; false when there is nothing left to do until the next event or deadline.
 * heard <= now: no deadline after it is judged. */
bool core_next(struct core *c, const struct plan *p, uint64_t now, uint64_t heard,
	struct core_action *out);
#define CORE_FINAL_MS 1800000u /* for a shutdown without RebootTimeoutSec */
/* The next moment at which core_next has something to do by time alone, CORE_NEVER = none. */
uint64_t core_deadline(const struct core *c);
/* Is the service where a request to start (or stop) it ends? Used to answer bulkctl. */
bool core_settled(const struct core *c, uint32_t service);
bool core_boot_settled(const struct core *c);
/* every Essential service is ready */
bool core_boot_good(const struct core *c, const struct plan *p);
bool core_is_ready(const struct core *c, uint32_t service); /* up, done or listening */
/* Whether this wait status is a success, by what the service's file says. */
bool core_is_success(const struct plan *p, uint32_t service, int32_t status);
