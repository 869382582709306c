/* SPDX-License-Identifier: MIT
 * The machine that decides. Its input is a plan, the services' states and the time that it is
 * given. It makes no system call, holds no descriptor and allocates nothing. So the life of a
 * device can be run in virtual time, and its whole state is one block of bytes that survives a
 * re-execution.
 *
 *   core_event(core, plan, event, now)     something happened
 *   while (core_next(core, plan, now, heard, &action)) do it
 *   wait until the next event or core_deadline(core)
 *
 * All times are in milliseconds of CLOCK_MONOTONIC.
 *
 * Deadlines are judged by `heard`: every event up to that time has been delivered. A loop that is
 * behind with its events judges later, but never kills a service whose message or exit is unread.
 * If the messages of one service take longer (core_unread), it has CORE_UNREAD_MS more.
 *
 * At most CORE_AT_ONCE services raise their walls at a time; the others wait. Hundreds at once
 * would share the processors and all be late, PID 1 with them.
 *
 * The whole shutdown is bounded, whatever the services' own limits are: by half of
 * RebootTimeoutSec, or by CORE_FINAL_MS. What is left then is killed, in no order and without
 * ExecStopPost.
 *
 * A service's life:
 *
 *   DOWN ─▶ WAITING ─▶ PRE ─▶ STARTING ─▶ POST ─▶ UP (DONE: a oneshot that ended well)
 *             ▲  (order)  (ExecStartPre) (ExecStart) (ExecStartPost)   │ stop, exit, failure, time-out
 *             │                                                        ▼
 *          BACKOFF ◀── restart? ◀── STOP_POST ◀── KILL ◀── TERM ◀── STOP
 *             no: DOWN or FAILED                 (cgroup.kill) (KillSignal) (ExecStop)
 *
 * With SERVICE_ON_DEMAND a start goes as far as LISTENING: the sockets are open, no process runs,
 * and the service counts as ready. A client that connects (EV_CONNECT) moves it through WAITING
 * into a life. After that life and a BACKOFF it listens again.
 *
 * In TERM KillSignal goes to the main process and to a command that still runs, and to what a main
 * process leaves when it ends, by itself too (EV_LEFT). KILL begins when none of them is left, or
 * after TimeoutStopSec.
 *
 * REFUSED (its file has errors) and SKIPPED (a condition does not hold) are final states. A start
 * waits until all services that it is ordered after have settled. A stop waits until all services
 * that are ordered after this one are down. The loop deals with the processes. The core knows of
 * two per service: the main process, and the control process of the Exec list that is running.
 */
#pragma once
#include "core/block.h"
#include "core/kinds.h"
#include "plan/plan.h"

/* Sets every service to DOWN (or REFUSED) and requests the services of the default group, or all
 * enabled ones if there is none. `seed`: for the jitter of restarts. */
void core_init(struct core *c, const struct plan *p, uint64_t now, uint64_t seed);
/* The same with another group (bulkhead.group= on the kernel's command line). */
void core_init_group(struct core *c, const struct plan *p, uint32_t group, uint64_t now,
	uint64_t seed);
/* After a re-execution: checks the block against the plan. False if it cannot be used. The life of
 * a service whose state is impossible is ended with OUT_LOST; the others are not affected. */
bool core_adopt(struct core *c, const struct plan *p, uint64_t now);
/* The services under another plan `q`, in another block. index[i] is what service i becomes,
 * CORE_GONE if it is not there any more. Those that `q` alone has are down, and requested if the
 * boot would have started them or one that is to be up asks for them. Nothing else changes. */
#define CORE_GONE UINT16_MAX
void core_move(struct core *to, const struct core *from, const struct plan *q,
	const uint16_t *index, uint64_t now);
enum core_moves {
	MOVES_ON,     /* with its process and state */
	MOVES_AT_REST /* its definition is another, or gone */
};
/* Whether service i may be moved now, or has to stop first. */
bool core_may_move(const struct core *c, uint32_t i, enum core_moves how);
/* After a re-execution: hands out again the command of `slot`, which was handed out but not begun.
 * False if no command is due there. */
bool core_spawn_again(struct core *c, uint32_t service, uint16_t slot);
/* After a re-execution: whether the handing out of `a` had been completed. If not, core_next()
 * hands it out again. */
bool core_has_handed_out(const struct core *c, const struct core_action *a);
/* Takes one event; an unknown service, and one that is REFUSED, is ignored. */
void core_event(struct core *c, const struct plan *p, struct core_event ev, uint64_t now);
/* Sets whether messages of service i are unread. While they are, its time-outs for readiness and
 * watchdog are CORE_UNREAD_MS later: it is not killed for a message that has not been read, and
 * cannot delay its end without bound. */
#define CORE_UNREAD_MS 2000u
void core_unread(struct core *c, uint32_t i, bool unread);
/* Sets whether ACT_LISTEN is still under way. Service i does not count as ready until this is
 * cleared, or EV_FAILED or EV_SKIPPED comes. */
void core_opening(struct core *c, uint32_t i, bool opening);
/* Hands out one action; false if there is none until the next event or deadline. heard <= now: no
 * deadline after it is judged. */
bool core_next(struct core *c, const struct plan *p, uint64_t now, uint64_t heard,
	struct core_action *out);
#define CORE_FINAL_MS 1800000u /* bound of a shutdown without RebootTimeoutSec */
/* The next time at which core_next() has something to do without an event; CORE_NEVER = none. */
uint64_t core_deadline(const struct core *c);
/* ---- timers: core/timer.h ---- */

/* Tells how far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC, and whether it can be believed. Before
 * each core_elapse(). Times of a calendar wait until it can. */
void core_clock(struct core *c, int64_t offset_ms, bool set);
/* Whether times of a calendar wait for a clock that can be believed. */
bool core_waits_for_clock(const struct core *c, const struct plan *p);
/* Lets one timer elapse that is due, as if EV_START had come for *service; to be called until it
 * returns false, before core_next(). One whose service runs elapses without effect. */
bool core_elapse(struct core *c, const struct plan *p, uint64_t now, uint32_t *service);
/* When core_elapse() must be called again; CORE_NEVER = no timer waits for a time. */
uint64_t core_timer_deadline(struct core *c, const struct plan *p, uint64_t now);
/* When a timer elapses, by CLOCK_MONOTONIC as the two clocks are now. */
uint64_t core_timer_due(struct core *c, const struct plan *p, struct core_timer *t, uint64_t now);
/* The timer of a service, or NULL. */
const struct core_timer *core_timer_at(const struct core *c, uint32_t service);
/* Whether timer k waits for core_stamp_read(). */
bool core_stamp_awaited(const struct core *c, uint32_t k);
/* Its last elapse in an earlier boot, by the wall clock; 0: none is known. */
void core_stamp_read(struct core *c, uint32_t k, uint64_t stamp_s);
/* A timer whose last elapse (stamp_s) is to be kept over the boot; CONFIG_MAX_TIMERS: none is. */
uint32_t core_stamp_due(const struct core *c);
/* It has been kept, or cannot be. */
void core_stamped(struct core *c, uint32_t k, uint64_t stamp_s);

/* Whether a request to start or stop the service has come to its end. For answers to bulkctl. */
bool core_settled(const struct core *c, uint32_t service);
/* A reload of the service is under way (EV_RELOAD). */
bool core_reloads(const struct core *c, uint32_t service);
/* The boot waits for the service: it is waiting or starting, and not for one that has failed. */
bool core_holds_boot(const struct core *c, uint32_t service);
/* No service holds the boot any more. */
bool core_boot_settled(const struct core *c);
/* Every Essential service is ready; where none is Essential, as `settled` says. */
bool core_boot_good(const struct core *c, const struct plan *p, bool settled);
/* It is to be ready and is not, or it has failed. */
bool core_is_missed(const struct core *c, uint32_t service);
bool core_is_ready(const struct core *c, uint32_t service); /* up, done or listening */
/* Whether a main process's wait status is a success by the service's file (SuccessExitStatus). */
bool core_is_success(const struct plan *p, uint32_t service, int32_t status);
