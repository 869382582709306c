// needs: pid1/sockets.c pid1/sockets_far.c
/* SPDX-License-Identifier: MIT
 * The sockets of one service are opened within a second in all, however many of them somebody keeps from it: a clock that the children move.
 */
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/errand.h"
#include "pid1/loop.h"
#include "pid1/receive.h"
#include "pid1/send.h"
#include "pid1/sockets.h"
#include "pid1/spawn.h"
#include "sockets/sockets.h"
#include "walls/apply.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MANY 16

static struct pid1 block;
static struct plan_header header;
static struct plan_service service = {.sockets = {.count = MANY}};
static struct plan_socket sockets[MANY];
static uint64_t now, takes_ms;
static int asked, passed;

uint64_t now_ms(void)
{
	return now;
}

const struct plan_header *plan_header(const struct plan *p)
{
	(void)p;
	return &header;
}

const struct plan_service *plan_service(const struct plan *p, uint32_t index)
{
	(void)p, (void)index;
	return &service;
}

const void *plan_elements(const struct plan *p, struct plan_list list, size_t size)
{
	(void)p, (void)size;
	return list.count == MANY ? sockets : NULL;
}

const char *plan_text(const struct plan *p, plan_str s)
{
	(void)p, (void)s;
	return "/run/one";
}

/* A lock that is let go in time, or not. */
int errand_run_with(struct pid1 *s, errand_work work, const void *arg, int given, uint32_t ms)
{
	(void)s, (void)work, (void)arg, (void)given;
	asked++;
	now += takes_ms < ms ? takes_ms : ms;
	return takes_ms < ms ? 0 : -ETIMEDOUT;
}

int errand_run(struct pid1 *s, errand_work work, const void *arg, uint32_t ms)
{
	return errand_run_with(s, work, arg, -1, ms);
}

ssize_t receive_passed(int fd, void *buffer, size_t n, int *got)
{
	(void)fd;
	memset(buffer, 0, n);
	*got = 1000 + passed++;
	return (ssize_t)n;
}

int spawn_channel(int pair[2])
{
	pair[0] = pair[1] = -1;
	return 0;
}

int spawn_lift(int fd)
{
	return fd;
}

int wall_failed(struct wall_why *why, int err, const char *what)
{
	snprintf(why->text, sizeof why->text, "%s", what);
	return err;
}

int wall_failed2(struct wall_why *why, int err, const char *what, const char *about)
{
	snprintf(why->text, sizeof why->text, "%s %s", what, about);
	return err;
}

void discard_close(struct pid1 *s, int *fd)
{
	(void)s;
	*fd = -1;
}

void receive_close(int fd)
{
	(void)fd;
}

int send_message(int fd, const void *bytes, size_t n, int pass)
{
	(void)fd, (void)bytes, (void)n, (void)pass;
	return 0;
}

int sockets_open(const struct plan *p, const struct plan_socket *ps, const struct sockets_label *label, struct wall_why *why)
{
	(void)p, (void)ps, (void)label, (void)why;
	return 999;
}

void sockets_remove(const struct plan *p, const struct plan_socket *ps)
{
	(void)p, (void)ps;
}

void console_say(struct pid1 *s, enum console_level level, ...)
{
	(void)s, (void)level;
}

void loop_watch(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)s, (void)fd, (void)events, (void)kind, (void)index;
}

void loop_unwatch(struct pid1 *s, int fd)
{
	(void)s, (void)fd;
}

void tell_core(struct pid1 *s, const struct plan *p, uint16_t kind, uint32_t index, uint16_t slot, int32_t value)
{
	(void)s, (void)p, (void)kind, (void)index, (void)slot, (void)value;
}

void spawn_failed(
	struct pid1 *s, const struct plan *p, uint32_t index, uint32_t slot, const char *step, int err, const char *detail)
{
	(void)s, (void)p, (void)index, (void)slot, (void)step, (void)err, (void)detail;
}

static int begin(void **state)
{
	(void)state;
	memset(&block, 0, sizeof block);
	for (int i = 0; i < MANY; i++)
		sockets[i] = (struct plan_socket){.family = SOCKET_PATH, .kind = SOCKET_FIFO};
	now = 5000;
	asked = passed = 0;
	return 0;
}

static void all_have_a_second_together(void **state)
{
	struct wall_why why = {0};
	uint64_t begun = now;
	(void)state;
	takes_ms = 900;
	int err = sockets_prepare(&block, NULL, 0, &why);
	printf("%d children, %llu ms, %d: %s\n", asked, (unsigned long long)(now - begun), err, why.text);
	assert_int_equal(err, -ETIMEDOUT);
	assert_true(now - begun <= 1000);
	assert_non_null(strstr(why.text, "/run/one"));
}

/* What is open stays so, and the next start goes on from there. */
static void a_later_start_goes_on(void **state)
{
	int tries = 1;
	struct wall_why why = {0};
	(void)state;
	takes_ms = 300;
	while (tries < MANY && sockets_prepare(&block, NULL, 0, &why) < 0)
		tries++;
	printf("%d starts\n", tries);
	assert_in_range(tries, 5, 6);
}

static void one_that_is_not_answered_ends_it(void **state)
{
	struct wall_why why = {0};
	(void)state;
	takes_ms = 5000;
	assert_int_equal(sockets_prepare(&block, NULL, 0, &why), -ETIMEDOUT);
	assert_int_equal(asked, 1);
	assert_string_equal(why.text, "nothing answers at /run/one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_have_a_second_together, begin),
		cmocka_unit_test_setup(a_later_start_goes_on, begin),
		cmocka_unit_test_setup(one_that_is_not_answered_ends_it, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
