/* SPDX-License-Identifier: MIT
 * When a boot is good: see marks.h.
 */
#include "compile/marks.h"
#include "compile/files.h"
#include "compile/service.h"
#include <sys/stat.h>

static struct {
	struct span word[PLAN_MAX_MARK];
	size_t words;
	uint32_t delay_ms, timeout_ms;
	unsigned failure;
	struct place delay_place, timeout_place, failure_place;
} conf;

int marks_set_good(void *c, struct span value, struct diag *d)
{
	struct span rest = value, word;
	struct stat st;
	char path[1024];
	int more;

	(void)c;
	conf.words = 0;
	while ((more = value_quoted_word(&rest, &word, d)) > 0) {
		if (conf.words == PLAN_MAX_MARK)
			return diag_error(d, "more than %d words", PLAN_MAX_MARK);
		conf.word[conf.words++] = word;
	}
	int err = more < 0 ? more : value_path(conf.word[0], d);

	if (err == 0 && files_have_root() && span_copy(conf.word[0], path, sizeof(path)) == 0) {
		if (files_stat(path, &st) < 0)
			err = diag_error(d, "%s is not there", path);
		else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
			err = diag_error(d, "%s is no program", path);
	}
	if (err < 0)
		conf.words = 0;
	return err;
}

static int set_time(struct span value, uint32_t *out, struct diag *d)
{
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);

	if (err == 0 && ms != UINT32_MAX && ms > 24u * 3600 * 1000)
		return diag_error(d, "\"%.*s\" is more than a day", SPAN_ARGS(value));
	if (err == 0)
		*out = ms == UINT32_MAX ? 0 : ms;
	return err;
}

int marks_set_delay(void *c, struct span value, struct diag *d)
{
	(void)c;
	if (span_is(value, "infinity"))
		return diag_error(d, "infinity is no delay: the boot would never be good");
	conf.delay_place = (struct place){d->file, d->line};
	return set_time(value, &conf.delay_ms, d);
}

int marks_set_timeout(void *c, struct span value, struct diag *d)
{
	(void)c;
	conf.timeout_place = (struct place){d->file, d->line};
	return set_time(value, &conf.timeout_ms, d);
}

int marks_set_failure(void *c, struct span value, struct diag *d)
{
	static const char *const names[] = {"none", "reboot", "poweroff", "halt", "rescue", NULL}; /* enum plan_final */

	(void)c;
	conf.failure_place = (struct place){d->file, d->line};
	return value_choice(value, names, &conf.failure, d);
}

void marks_encode(struct plan_machine *machine, struct plan_writer *w, struct diag *d)
{
	plan_str list[PLAN_MAX_MARK];

	for (size_t i = 0; i < conf.words; i++)
		list[i] = plan_write_span(w, conf.word[i]);
	machine->mark_good = plan_write_list(w, list, sizeof(list[0]), conf.words);
	machine->mark_good_delay_ms = conf.delay_ms;
	machine->boot_timeout_ms = conf.timeout_ms;
	machine->boot_failure = conf.failure;
	if (conf.failure_place.line && !conf.timeout_ms) {
		diag_place(d, conf.failure_place.file, conf.failure_place.line, "Boot", "BootFailureAction");
		diag_error(d, "needs a BootTimeoutSec: without one no boot fails");
	} else if (conf.timeout_ms && !conf.failure_place.line) {
		machine->boot_failure = FINAL_REBOOT;
	}
	if (conf.timeout_ms && conf.delay_ms >= conf.timeout_ms) {
		diag_place(d, conf.timeout_place.file, conf.timeout_place.line, "Boot", "BootTimeoutSec");
		diag_error(d, "is not longer than MarkGoodDelaySec: no boot would be good in time");
	}
}
