/* SPDX-License-Identifier: MIT
 * /etc/bulkhead/init.ini: [Boot], [Watchdog], [Log], and [Defaults], whose lines are handed on. An
 * error here refuses no service: the device comes up without what the line asked for, and says so.
 */
#include "compile/machine/machine.h"
#include "base/count.h"
#include "base/num.h"
#include "compile/files/files.h"
#include "compile/machine/data.h"
#include "compile/machine/fstab.h"
#include "compile/machine/marks.h"
#include "compile/machine/modules.h"
#include "compile/read/ini.h"
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include "compile/unit/specifiers.h"
#include <errno.h>
#include <string.h>

#define FILE_NAME "/etc/bulkhead/init.ini"
#define MAX_SYSCTL 128

struct machine_conf {
	struct span hostname, default_group, console, watchdog_device;
	struct place default_group_place;
	uint32_t watchdog_ms, watchdog_reboot_ms, log_ring_kb, log_forward;
	struct span modules;
	struct place modules_place;
	struct span sysctl[MAX_SYSCTL]; /* NAME=VALUE */
	size_t sysctls;
};

static struct machine_conf conf = {.log_ring_kb = CONFIG_LOG_RING_KB};

uint32_t machine_log_ring_kb(void)
{
	return conf.log_ring_kb;
}
static struct diag diag = {.boot = true};
static bool lost; /* init.ini is there and cannot be read */

static int set_hostname(void *c, struct span value, struct diag *d)
{
	struct namespaces_conf scratch; /* the same rules for a name */
	int err;
	(void)c;
	namespaces_conf_init(&scratch);
	err = namespaces_set_hostname(&scratch, value, d);
	if (err == 0)
		conf.hostname = value;
	return err;
}

static int set_default_group(void *c, struct span value, struct diag *d)
{
	(void)c;
	conf.default_group = value;
	conf.default_group_place = (struct place){d->file, d->line};
	return 0;
}

static int set_console(void *c, struct span value, struct diag *d)
{
	int err = value_path(value, d);
	(void)c;
	if (err == 0)
		conf.console = value;
	return err;
}

static int set_modules(void *c, struct span value, struct diag *d)
{
	(void)c;
	conf.modules = value;
	conf.modules_place = (struct place){d->file, d->line};
	return 0;
}

static int set_sysctl(void *c, struct span value, struct diag *d)
{
	struct span rest = value, word;
	int more;
	(void)c;
	if (value.n == 0)
		conf.sysctls = 0;
	while ((more = value_quoted_word(&rest, &word, d)) > 0) {
		const char *eq = memchr(word.p, '=', word.n);
		if (!eq || eq == word.p || word.p[0] == '/' || word.p[0] == '.' ||
			memmem(word.p, (size_t)(eq - word.p), "..", 2))
			return diag_error(d, "\"%.*s\" is not NAME=VALUE like net.ipv4.ip_forward=1",
				SPAN_ARGS(word));
		if (conf.sysctls == MAX_SYSCTL)
			return diag_error(d, "more than %d settings", MAX_SYSCTL);
		conf.sysctl[conf.sysctls++] = word;
	}
	return more;
}

static int set_watchdog_device(void *c, struct span value, struct diag *d)
{
	int err = value_path(value, d);
	(void)c;
	if (err == 0)
		conf.watchdog_device = value;
	return err;
}

static int set_watchdog_time(struct span value, uint32_t *out, struct diag *d)
{
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	/* WDIOC_SETTIMEOUT counts whole seconds. */
	if (err == 0 && ms != UINT32_MAX && (ms < 1000 || ms > 3600 * 1000))
		return diag_error(d, "\"%.*s\" is not from 1s to 1h (infinity: none)", SPAN_ARGS(value));
	if (err == 0)
		*out = ms == UINT32_MAX ? 0 : ms;
	return err;
}

static int set_watchdog_timeout(void *c, struct span value, struct diag *d)
{
	(void)c;
	return set_watchdog_time(value, &conf.watchdog_ms, d);
}

static int set_watchdog_reboot(void *c, struct span value, struct diag *d)
{
	(void)c;
	return set_watchdog_time(value, &conf.watchdog_reboot_ms, d);
}

static int set_log_size(void *c, struct span value, struct diag *d)
{
	uint64_t bytes = 0;
	int err = value_size(value, &bytes, d);
	(void)c;
	if (err == 0 && (bytes < 4096 || bytes > 16 * 1024 * 1024))
		return diag_error(d, "\"%.*s\" is not from 4K to 16M, the size of one service's log",
			SPAN_ARGS(value));
	if (err == 0)
		conf.log_ring_kb = (uint32_t)(bytes / 1024);
	return err;
}

static int set_log_forward(void *c, struct span value, struct diag *d)
{
	static const char *const names[] = {"none", "kmsg", NULL};
	unsigned i = 0;
	int err;
	(void)c;
	if (span_is(value, "syslog"))
		return diag_error(d, "syslog is not supported by this version, expected kmsg or none");
	err = value_choice(value, names, &i, d);
	if (err == 0)
		conf.log_forward = i;
	return err;
}

static const struct {
	const char *section, *key;
	wall_setter *set; /* NULL: left out */
	unsigned flags;   /* LIST: as in the directive table */
	enum feature option;
} table[] = {
	{"Boot", "Hostname", set_hostname, 0, OF(NONE)},
	{"Boot", "DefaultGroup", set_default_group, 0, OF(NONE)},
	{"Boot", "Console", set_console, 0, OF(NONE)},
	{"Boot", "Modules", ON(MODULES, set_modules), 0, OF(MODULES)},
	{"Boot", "Sysctl", set_sysctl, LIST, OF(NONE)},
	{"Boot", "DataPartition", ON(STORAGE, data_set_partition), 0, OF(STORAGE)},
	{"Boot", "DataFallback", ON(STORAGE, data_set_fallback), 0, OF(STORAGE)},
	{"Boot", "Overlay", ON(STORAGE, data_set_overlay), LIST, OF(STORAGE)},
	{"Boot", "FactoryReset", ON(STORAGE, data_set_reset), LIST, OF(STORAGE)},
	{"Boot", "RandomSeedFile", ON(STORAGE, data_set_seed), 0, OF(STORAGE)},
	{"Boot", "MarkGood", marks_set_good, 0, OF(NONE)},
	{"Boot", "MarkGoodDelaySec", marks_set_delay, 0, OF(NONE)},
	{"Boot", "BootTimeoutSec", marks_set_timeout, 0, OF(NONE)},
	{"Boot", "BootFailureAction", marks_set_failure, 0, OF(NONE)},
	{"Boot", "RescueShell", marks_set_rescue, 0, OF(NONE)},
	{"Watchdog", "Device", ON(WATCHDOG, set_watchdog_device), 0, OF(WATCHDOG)},
	{"Watchdog", "TimeoutSec", ON(WATCHDOG, set_watchdog_timeout), 0, OF(WATCHDOG)},
	{"Watchdog", "RebootTimeoutSec", ON(WATCHDOG, set_watchdog_reboot), 0, OF(WATCHDOG)},
	{"Log", "Size", set_log_size, 0, OF(NONE)},
	{"Log", "Forward", set_log_forward, 0, OF(NONE)},
};
#define TABLE_SIZE COUNT(table)

static const char *const later[] = {"Files", "Persistent", NULL};

static struct span section;
static unsigned line_of[TABLE_SIZE];

static bool on_section(void *user, struct span name, struct diag *d)
{
	struct nearest near;
	(void)user;
	section = name;
	nearest_begin(&near, name);
	nearest_try(&near, span_of("Defaults"));
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		if (span_is(name, table[i].section))
			return true;
		nearest_try(&near, span_of(table[i].section));
	}
	if (!span_is(name, "Defaults"))
		diag_error(d, "unknown section [%.*s], expected Boot, Watchdog, Log or Defaults%s",
			SPAN_ARGS(name), nearest_hint(&near));
	return span_is(name, "Defaults");
}

static bool on_known(void *user, struct span key)
{
	(void)user;
	for (size_t i = 0; i < TABLE_SIZE; i++)
		if (span_is(section, table[i].section) && span_is(key, table[i].key))
			return true;
	return false;
}

static void unknown_key(struct span key, struct diag *d)
{
	struct nearest near;
	for (size_t i = 0; later[i]; i++) {
		if (span_is(key, later[i])) {
			diag_error(d, "%.*s is not supported by this version", SPAN_ARGS(key));
			return;
		}
	}
	nearest_begin(&near, key);
	for (size_t i = 0; i < TABLE_SIZE; i++)
		if (span_is(section, table[i].section))
			nearest_try(&near, span_of(table[i].key));
	diag_error(d, "unknown directive \"%.*s\"%s", SPAN_ARGS(key), nearest_hint(&near));
}

static void on_pair(void *user, struct span key, struct span value, struct diag *d)
{
	(void)user;
	if (span_is(section, "Defaults")) {
		load_default(key, value, d);
		return;
	}
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		if (!span_is(section, table[i].section) || !span_is(key, table[i].key))
			continue;
		d->key = table[i].key;
		if (!table[i].set)
			diag_error(d, FEATURE_WITHOUT " %s: leave the line out", feature_name(table[i].option));
		else if (line_of[i] && !(table[i].flags & LIST))
			diag_error(d, "is given twice, first in line %u", line_of[i]);
		else if (value.n == 0 && !(table[i].flags & LIST))
			diag_error(d, "has no value");
		else
			table[i].set(NULL, value, d);
		line_of[i] = d->line;
		return;
	}
	unknown_key(key, d);
}

static void read_hostname_file(void)
{
	struct span text, word;
	if (files_read("/etc/hostname", false, 1, &text, NULL) < 0)
		return;
	const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
	if (end)
		text.n = (size_t)(end - text.p);
	struct namespaces_conf scratch;
	if (span_word(&text, &word) && namespaces_set_hostname(&scratch, word, NULL) == 0)
		specifiers_hostname(word);
}

void machine_read(void)
{
	const struct ini_reader reader = {on_section, on_known, on_pair, NULL};
	struct span text;
	int err = files_read(FILE_NAME, false, CONFIG_MAX_INI_KB, &text, &diag);
	if (err == 0)
		ini_read(text, FILE_NAME, &reader, &diag);
	/* A build may mean it so; a device that had one has lost its data partition, watchdog and
	 * limits with it. */
	if (err == -ENOENT && files_on_device()) {
		diag_place(&diag, FILE_NAME, 0, NULL, NULL);
		diag_note_for_boot(&diag, "is not there: its defaults are used");
	}
	lost = err < 0 && err != -ENOENT;
	if (conf.hostname.n > 0)
		specifiers_hostname(conf.hostname);
	else
		read_hostname_file();
}

void machine_check_defaults(struct service *s)
{
	if (!lost)
		return;
	diag_place(&s->diag, s->file, 0, NULL, NULL);
	diag_error(&s->diag, "what [Defaults] says of it is not known: " FILE_NAME " cannot be read");
}

static uint32_t find_default_group(const struct set *set)
{
	struct nearest near;
	int index = set_index(set, conf.default_group);
	if (conf.default_group.n == 0)
		return UINT32_MAX;
	diag_place(&diag, conf.default_group_place.file, conf.default_group_place.line, "Boot",
		"DefaultGroup");
	nearest_begin(&near, conf.default_group);
	for (size_t i = 0; i < set->count; i++)
		nearest_try(&near, span_of(set->service[i]->name));
	if (index < 0) {
		diag_error(&diag,
			"there is no service \"%.*s\"%s: all enabled services are started instead",
			SPAN_ARGS(conf.default_group), nearest_hint(&near));
		return UINT32_MAX;
	}
	if (set->service[index]->diag.errors > 0) {
		diag_error(&diag, "%s is refused: all enabled services are started instead",
			set->service[index]->name);
		return UINT32_MAX;
	}
	return (uint32_t)index;
}

static struct plan_list encode_sysctl(struct plan_writer *w)
{
	struct plan_pair list[MAX_SYSCTL];
	for (size_t i = 0; i < conf.sysctls; i++) {
		struct span word = conf.sysctl[i];
		const char *eq = memchr(word.p, '=', word.n);
		size_t n = (size_t)(eq - word.p);
		list[i].name = plan_write_span(w, (struct span){word.p, n});
		list[i].value = plan_write_span(w, (struct span){eq + 1, word.n - n - 1});
	}
	return plan_write_list(w, list, sizeof(list[0]), conf.sysctls);
}

/* Said, and nothing comes of it. */
static void check_watchdog(void)
{
	bool device = false;
	for (size_t i = 0; i < TABLE_SIZE; i++)
		device = device || (line_of[i] && strcmp(table[i].key, "Device") == 0);
	for (size_t i = 0; i < TABLE_SIZE && !device; i++) {
		if (!line_of[i] || strcmp(table[i].section, "Watchdog") != 0)
			continue;
		diag_place(&diag, FILE_NAME, line_of[i], "Watchdog", table[i].key);
		diag_note(&diag, "has no effect without Device, like /dev/watchdog0");
	}
}

static struct plan_list encode_faults(struct plan_writer *w)
{
	plan_str list[PLAN_MAX_FAULTS];
	const char *const *lines;
	size_t n = diag_for_boot(&lines);
	for (size_t i = 0; i < n; i++)
		list[i] = plan_write_text(w, lines[i]);
	return plan_write_list(w, list, sizeof(list[0]), n);
}

void machine_encode(const struct set *set, struct plan_machine *machine, struct plan_writer *w)
{
	*machine = (struct plan_machine){
		.hostname = plan_write_span(w, conf.hostname),
		.console = plan_write_span(w, conf.console),
		.watchdog_device = plan_write_span(w, conf.watchdog_device),
		.watchdog_ms = conf.watchdog_device.n ? conf.watchdog_ms : 0,
		.watchdog_reboot_ms = conf.watchdog_reboot_ms,
		.default_group = find_default_group(set),
		.log_ring_kb = conf.log_ring_kb,
		.log_forward = conf.log_forward,
		.sysctl = encode_sysctl(w),
	};
	diag_place(&diag, conf.modules_place.file, conf.modules_place.line, "Boot", "Modules");
	machine->modules = CONFIG_MODULES ? modules_encode(conf.modules, w, &diag)
									  : (struct plan_list){0};
	machine->mounts = fstab_encode(w, &diag);
	if (CONFIG_STORAGE)
		data_encode(machine, w, &diag);
	marks_encode(set, machine, &diag);
	check_watchdog();
	machine->faults = encode_faults(w);
}
