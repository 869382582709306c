/* SPDX-License-Identifier: MIT
 * /etc/bulkhead/init.ini: [Boot], [Watchdog], [Log], and [Defaults], whose lines are passed on. An
 * error here refuses no service: the device starts without what the line asked for, and reports it.
 */
#include "compile/machine/machine.h"
#include "base/hostname.h"
#include "compile/files/files.h"
#include "compile/read/ini.h"
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include <errno.h>
#include <string.h>

static const char *const later[] = {"Files", "Persistent", NULL};

static void unknown_section(struct span name, struct diag *d)
{
	struct nearest near;
	nearest_begin(&near, name);
	nearest_try(&near, span_of("Defaults"));
	for (size_t i = 0; i < MACHINE_DIRECTIVES; i++)
		nearest_try(&near, span_of(machine_directives[i].section));
	diag_error(d, "unknown section [%.*s], expected Boot, Watchdog, Log or Defaults%s",
		SPAN_ARGS(name), nearest_hint(&near));
}

static void unknown_key(struct span section, struct span key, struct diag *d)
{
	if (span_index(key, later) >= 0)
		diag_error(d, "%.*s is not supported by this version", SPAN_ARGS(key));
	else
		directive_unknown_in(machine_directives, section, key, d);
}

static void on_pair(void *user, struct span section, struct span key, struct span value,
	struct diag *d)
{
	struct machine *m = user;
	if (span_is(section, "Defaults")) {
		load_default(key, value, d);
		return;
	}
	int i = directive_find(machine_directives, section, key);
	if (i < 0) {
		unknown_key(section, key, d);
		return;
	}
	const struct directive *t = &machine_directives[i];
	d->key = t->key;
	if (t->left_out)
		diag_error(d, FEATURE_WITHOUT " %s: leave the line out", feature_name(t->option));
	else if (directive_line_counts(t, value, m->line[i], d)) {
		m->line[i] = d->line;
		directive_set(t, m, value, d);
	}
}

void machine_init(struct machine *m)
{
	m->diag.boot = true;
	for (const struct directive *t = machine_directives; t->section; t++)
		if (t->fallback && !t->left_out)
			directive_set(t, m, span_of(t->fallback), &m->diag);
}

static void read_hostname_file(struct machine *m)
{
	struct span text, name;
	if (files_read(HOSTNAME_FILE, false, HOSTNAME_FILE_KB, &text, NULL) < 0 ||
		!hostname_find(text, &name))
		return;
	if (hostname_valid(name)) {
		load_hostname(name);
		return;
	}
	diag_place(&m->diag, HOSTNAME_FILE, 0, NULL, NULL);
	diag_note_for_boot(&m->diag, "has no name that a host can have: it is not used");
}

void machine_read(struct machine *m)
{
	const struct ini_reader reader = {machine_directives, "Defaults", unknown_section, on_pair, m};
	struct span text;
	int err = files_read(MACHINE_FILE, false, CONFIG_MAX_INI_KB, &text, &m->diag);
	if (err == 0)
		ini_read(text, MACHINE_FILE, &reader, &m->diag);
	/* A build may mean it so; a device that had one has lost its data partition, watchdog and
	 * limits with it. */
	if (err == -ENOENT && files_on_device()) {
		diag_place(&m->diag, MACHINE_FILE, 0, NULL, NULL);
		diag_note_for_boot(&m->diag, "is not there: its defaults are used");
	}
	m->lost = err < 0 && err != -ENOENT;
	if (m->hostname.n > 0)
		load_hostname(m->hostname);
	else
		read_hostname_file(m);
}

void machine_check_defaults(const struct machine *m, struct service *s)
{
	if (!m->lost)
		return;
	diag_place(&s->diag, s->file, 0, NULL, NULL);
	diag_error(&s->diag,
		"what [Defaults] says of it is not known: " MACHINE_FILE " cannot be read");
}

/* Its index, or UINT32_MAX. */
static uint32_t find_default_group(struct machine *m, const struct set *set)
{
	return m->default_group.n == 0
		? UINT32_MAX
		: (uint32_t)machine_service(m, set, M_Boot_DefaultGroup, m->default_group,
			  ": all enabled services are started instead");
}

static struct plan_list encode_sysctl(const struct sysctl_conf *c, struct plan_writer *w)
{
	struct plan_pair list[MACHINE_MAX_SYSCTL];
	for (size_t i = 0; i < c->count; i++) {
		struct span name, value;
		span_cut(c->list[i], '=', &name, &value);
		list[i].name = plan_write_span(w, name);
		list[i].value = plan_write_span(w, value);
	}
	return plan_write_list(w, list, sizeof(list[0]), c->count);
}

/* Said, and nothing comes of it. */
static void check_watchdog(struct machine *m)
{
	bool device = m->line[M_Watchdog_Device];
	if (device && !m->line[M_Watchdog_TimeoutSec])
		diag_note(machine_at(m, M_Watchdog_Device), "is not opened without TimeoutSec, like 30s");
	if (!device && m->line[M_Watchdog_TimeoutSec])
		diag_note(machine_at(m, M_Watchdog_TimeoutSec),
			"has no effect without Device, like /dev/watchdog0");
	if (m->watchdog.reboot_ms && !(device && m->watchdog.timeout_ms))
		diag_note(machine_at(m, M_Watchdog_RebootTimeoutSec),
			"bounds the shutdown, but without Device and TimeoutSec nothing resets the device");
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

void machine_encode(struct machine *m, const struct set *set, struct plan_machine *machine,
	struct plan_writer *w)
{
	*machine = (struct plan_machine){
		.hostname = plan_write_span(w, m->hostname),
		.console = plan_write_span(w, m->console),
		.watchdog_device = plan_write_span(w, m->watchdog.device),
		.watchdog_ms = m->watchdog.device.n ? m->watchdog.timeout_ms : 0,
		.watchdog_reboot_ms = m->watchdog.reboot_ms,
		.default_group = find_default_group(m, set),
		.log_ring_kb = m->log_ring_kb,
		.log_forward = m->log_forward,
		.console_messages = m->console_messages,
		.sysctl = encode_sysctl(&m->sysctl, w),
	};
	struct diag *d = machine_at(m, M_Boot_Modules);
	machine->modules = CONFIG_MODULES ? modules_encode(m->modules, w, d) : (struct plan_list){0};
	machine->mounts = fstab_encode(&m->data, w, d);
	if (CONFIG_STORAGE)
		data_encode(m, machine, w);
	marks_encode(m, set, machine);
	check_watchdog(m);
	machine->faults = encode_faults(w);
}
