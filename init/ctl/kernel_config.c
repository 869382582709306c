/* SPDX-License-Identifier: MIT
 * A kernel's .config against the table: see kernel.h. Pure, but for the fragment's stream.
 */
#include "base/fmt.h"
#include "base/span.h"
#include "ctl/kernel.h"
#include <string.h>

#define PREFIX "CONFIG_"

/* Without blanks around it, or a carriage return. */
static bool trimmed_line(struct span *rest, struct span *line)
{
	if (!span_text_line(rest, line))
		return false;
	*line = span_trim(*line);
	return true;
}

/* "# Linux/arm64 6.1.140 Kernel Configuration" */
static unsigned version_of(struct span line)
{
	struct span word;
	if (!span_starts(line, "# Linux/") || !span_word(&line, &word) || !span_word(&line, &word) ||
		!span_word(&line, &word))
		return 0;
	return kernel_version(word);
}

/* Splits "CONFIG_NAME=VALUE" or "# CONFIG_NAME is not set". */
static bool split_option(struct span line, struct span *name, struct span *value)
{
	static const char unset[] = " is not set", comment[] = "# " PREFIX;
	const size_t tail = sizeof(unset) - 1;
	if (span_starts(line, comment) && line.n > tail &&
		memcmp(line.p + line.n - tail, unset, tail) == 0) {
		size_t head = sizeof(comment) - 1;
		*name = (struct span){line.p + head, line.n > head + tail ? line.n - head - tail : 0};
		*value = span_of("n");
		return name->n > 0;
	}
	const size_t head = sizeof(PREFIX) - 1;
	if (!span_starts(line, PREFIX) || !span_cut(line, '=', name, value) || name->n <= head)
		return false;
	*name = (struct span){name->p + head, name->n - head};
	if (value->n >= 2 && value->p[0] == '"' && value->p[value->n - 1] == '"')
		*value = (struct span){value->p + 1, value->n - 2};
	return true;
}

void kernel_config_read(struct kernel_config *k, const char *text, size_t n)
{
	struct span rest = {text, n}, line, name, value;
	*k = (struct kernel_config){.text = text, .n = n};
	while (trimmed_line(&rest, &line)) {
		if (!k->version)
			k->version = version_of(line);
		k->lines += split_option(line, &name, &value);
	}
}

/* The last line counts, as for the kernel's own reader. */
const char *kernel_config_value(const struct kernel_config *k, const char *wanted, char *buf,
	size_t cap)
{
	struct span rest = {k->text, k->n}, line, name, value;
	struct fmt f;
	fmt_init(&f, buf, cap);
	while (trimmed_line(&rest, &line)) {
		if (!split_option(line, &name, &value) || !span_is(name, wanted))
			continue;
		fmt_init(&f, buf, cap);
		fmt_mem(&f, value.p, value.n);
	}
	return buf;
}

static bool in_list(const char *list, const char *word)
{
	struct span rest = span_of(list), one;
	while (span_part(&rest, ',', &one))
		if (span_is(one, word))
			return true;
	return false;
}

bool kernel_config_has(const struct kernel_config *k, const struct kernel_option *o)
{
	char value[512];
	kernel_config_value(k, o->name, value, sizeof(value));
	if (o->word)
		return in_list(value, o->word);
	return strcmp(value, "y") == 0 || (o->module && strcmp(value, "m") == 0);
}

bool kernel_too_old(const struct kernel_config *k, unsigned since)
{
	return k->version && k->version < since;
}

bool kernel_defaults_run(const struct kernel_config *k)
{
	if (kernel_too_old(k, KERNEL_OLDEST))
		return false;
	for (const struct kernel_option *o = kernel_options; o->name; o++)
		if (o->grade <= KERNEL_DEFAULT && !kernel_config_has(k, o))
			return false;
	return true;
}

/* Its own list with what it lacks: Landlock before and SELinux behind, where it gives way to a
 * module that is first. */
static void put_modules(const struct kernel_config *k, FILE *out)
{
	char value[512];
	bool landlock, selinux;
	kernel_config_value(k, "LSM", value, sizeof(value));
	landlock = in_list(value, "landlock");
	selinux = in_list(value, "selinux");
	if (landlock && selinux)
		return;
	if (!*value || strcmp(value, "n") == 0)
		fprintf(out, "CONFIG_LSM=\"" KERNEL_LSM "\"\n");
	else
		fprintf(out, "CONFIG_LSM=\"%s%s%s\"\n", landlock ? "" : "landlock,", value,
			selinux ? "" : ",selinux");
}

void kernel_fragment(const struct kernel_config *k, FILE *out)
{
	for (const struct kernel_option *o = kernel_options; o->name; o++) {
		if (o->word && o[1].word)
			continue; /* once, with the last */
		if (o->word)
			put_modules(k, out);
		else if (!kernel_config_has(k, o))
			fprintf(out, "CONFIG_%s=y\n", o->name);
	}
}
