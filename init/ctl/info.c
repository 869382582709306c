/* SPDX-License-Identifier: MIT
 * `bulkctl info`: the machine, and every bound of base/config.h beside what is in use.
 */
#include "base/count.h"
#include "base/feature.h"
#include "base/ring.h"
#include "core/core.h"
#include "ctl/ctl.h"
#include "print/json.h"
#include "ctl/request.h"
#include "ctl/text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct bound {
	const char *name;
	const char *key; /* in JSON */
	uint32_t most;
	const char *unit;
};

/* The bounds that this build and PID 1 share; what PID 1 reports of its own is added at run
 * time. */
static const struct bound bounds[] = {
	{"plan", "max_plan_kb", CONFIG_MAX_PLAN_KB, "kB"},
	{"name", "max_name", CONFIG_MAX_NAME - 1, "bytes"},
	{"dependencies", "max_edges", CONFIG_MAX_EDGES, "of one service"},
	{"log ring", "log_ring_kb", CONFIG_LOG_RING_KB, "kB by default"},
	{"log line", "max_line", CONFIG_MAX_LINE, "bytes"},
	{"service file", "max_ini_kb", CONFIG_MAX_INI_KB, "kB"},
};

static const char *const sources[] = {"compiled at boot", "made ahead by the build",
	"the built-in rescue plan"};
static const char *const stays[STAY_COUNT] = {"else", "messages", "clients", "sockets", "exits",
	"groups", "child"}; /* enum proto_stay */
static const char *const rescues[] = {[RESCUE_PASSWORD] = "for root's password",
	[RESCUE_OPEN] = "open to whoever is at the console",
	[RESCUE_NEVER] = "never"};
static const char *const rescue_words[] =
	{[RESCUE_PASSWORD] = "password", [RESCUE_OPEN] = "open", [RESCUE_NEVER] = "never"};
static const char *const modes[] = {"off", "permissive", "enforcing"};

static const char *word(const char *const *table, size_t count, uint32_t i)
{
	return i < count ? table[i] : "?";
}

static void keep_machine(void *context, const struct proto_reply *record)
{
	if (record->kind == PROTO_MACHINE)
		*(struct proto_machine *)context = record->machine;
}

/* What bulkctl was built with; PID 1 and the cell say for themselves what they lack, where it is
 * asked for. */
static void print_options(void)
{
	bool all = true;
	printf("\n%-14s", "built with");
	for (unsigned f = FEATURE_NONE + 1; f < FEATURE_COUNT; f++) {
		all &= feature_is_built(f);
		if (feature_is_built(f))
			printf(" %s", feature_name(f) + strlen("CONFIG_"));
	}
	printf("\n%-14s", "without");
	for (unsigned f = FEATURE_NONE + 1; f < FEATURE_COUNT; f++)
		if (!feature_is_built(f))
			printf(" %s", feature_name(f) + strlen("CONFIG_"));
	printf("%s\n", all ? " nothing of Kconfig's" : "");
}

static void json_options(struct json *j)
{
	json_open(j, "options", '{');
	for (unsigned f = FEATURE_NONE + 1; f < FEATURE_COUNT; f++)
		json_bool(j, feature_name(f), feature_is_built(f));
	json_close(j, '}');
}

static void put_time(const char *name, uint64_t ms)
{
	char text[64];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	text_duration(&f, ms);
	printf("%-14s %s\n", name, text);
}

/* Where PID 1 was while it did not look at its descriptors. */
static void print_stay(const struct proto_machine *m)
{
	uint32_t asleep = 0;
	for (uint32_t i = 0; i < STAY_COUNT; i++)
		asleep = m->loop_asleep_ms[i] > m->loop_asleep_ms[asleep] ? i : asleep;
	printf("%-14s %llu ms, most of it for %s\n", "longest round",
		(unsigned long long)m->loop_max_ms, word(stays, COUNT(stays), m->loop_max_in));
	printf("%-14s %u ms, for %s\n", "longest sleep", (unsigned)m->loop_asleep_ms[asleep],
		stays[asleep]);
}

static void print_watchdog(const struct proto_machine *m)
{
	put_time("watchdog", m->watchdog_ms);
	printf("%-14s %u ms between two feeds\n", "at most", (unsigned)m->watchdog_gap_ms);
}

static void print_machine(const struct proto_machine *m)
{
	printf("%-14s %s\n", "bulkhead", BULKHEAD_VERSION);
	put_time("up", m->now_ms);
	if (m->boot_done_ms)
		put_time("boot done at", m->boot_done_ms);
	else
		printf("%-14s not yet\n", "boot done at");
	if (m->boot_good_ms)
		put_time("boot good at", m->boot_good_ms);
	else
		printf("%-14s not yet: %.*s\n", "boot good at", (int)sizeof(m->boot_reason),
			m->boot_reason);
	printf("%-14s %s, %u bytes\n", "plan from", word(sources, COUNT(sources), m->plan_ahead),
		(unsigned)m->plan_size);
	printf("%-14s %s\n", "SELinux", word(modes, COUNT(modes), m->selinux));
	if (m->rescue_refusal[0])
		printf("%-14s none: %.*s\n", "rescue shell", (int)sizeof(m->rescue_refusal),
			m->rescue_refusal);
	else if (m->rescue_shell != PROTO_ROOT_ALONE)
		printf("%-14s %s\n", "rescue shell", word(rescues, COUNT(rescues), m->rescue_shell));
	if (m->watchdog_ms)
		print_watchdog(m);
	else
		printf("%-14s none\n", "watchdog");
	print_stay(m);
	printf("%-14s %u\n", "recoveries", (unsigned)m->recoveries);
	if (m->shutting_down)
		printf("%-14s yes\n", "shutting down");
	printf("\n%-14s %10s %10s\n", "BOUND", "IN USE", "AT MOST");
	printf("%-14s %10u %10u\n", "services", (unsigned)m->services, (unsigned)m->max_services);
	printf("%-14s %10u %10u\n", "clients", (unsigned)m->clients, (unsigned)m->max_clients);
	for (size_t i = 0; i < COUNT(bounds); i++) {
		char used[16] = "-";
		if (i == 0)
			snprintf(used, sizeof(used), "%u", (unsigned)(m->plan_size + 1023) / 1024);
		printf("%-14s %10s %10u %s\n", bounds[i].name, used, (unsigned)bounds[i].most,
			bounds[i].unit);
	}
	print_options();
}

static void print_machine_json(const struct proto_machine *m)
{
	struct json j = {.out = stdout};
	json_open(&j, NULL, '{');
	json_text(&j, "version", BULKHEAD_VERSION);
	json_u64(&j, "up_ms", m->now_ms);
	if (m->boot_done_ms)
		json_u64(&j, "boot_done_ms", m->boot_done_ms);
	else
		json_null(&j, "boot_done_ms");
	if (m->boot_good_ms)
		json_u64(&j, "boot_good_ms", m->boot_good_ms);
	else
		json_null(&j, "boot_good_ms");
	json_u64(&j, "loop_max_ms", m->loop_max_ms);
	json_text(&j, "loop_max_in", word(stays, COUNT(stays), m->loop_max_in));
	json_open(&j, "loop_asleep_ms", '{');
	for (size_t i = 0; i < COUNT(stays); i++)
		json_u64(&j, stays[i], m->loop_asleep_ms[i]);
	json_close(&j, '}');
	json_text(&j, "plan_from", word(sources, COUNT(sources), m->plan_ahead));
	json_u64(&j, "plan_bytes", m->plan_size);
	json_text(&j, "selinux", word(modes, COUNT(modes), m->selinux));
	if (m->rescue_shell != PROTO_ROOT_ALONE) {
		json_text(&j, "rescue_shell", word(rescue_words, COUNT(rescue_words), m->rescue_shell));
		json_bool(&j, "rescue_shell_usable", !m->rescue_refusal[0]);
	}
	json_u64(&j, "watchdog_ms", m->watchdog_ms);
	json_u64(&j, "watchdog_gap_ms", m->watchdog_gap_ms);
	json_u64(&j, "recoveries", m->recoveries);
	json_bool(&j, "shutting_down", m->shutting_down);
	json_u64(&j, "services", m->services);
	json_u64(&j, "max_services", m->max_services);
	json_u64(&j, "clients", m->clients);
	json_u64(&j, "max_clients", m->max_clients);
	for (size_t i = 0; i < COUNT(bounds); i++)
		json_u64(&j, bounds[i].key, bounds[i].most);
	json_options(&j);
	json_close(&j, '}');
}

int ctl_info(const struct ctl *c)
{
	struct proto_machine machine = {0};
	struct proto_reply end;
	int err = ctl_ask(c, PROTO_INFO, 0, NULL, REQUEST_TIMEOUT_MS, &end, keep_machine, &machine);
	if (!err && !machine.max_services)
		err = -EPROTO;
	if (err)
		return ctl_complain(c, NULL, err, end.text);
	if (ctl_json(c))
		print_machine_json(&machine);
	else
		print_machine(&machine);
	return CTL_OK;
}
