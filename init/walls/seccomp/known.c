/* SPDX-License-Identifier: MIT
 * Programs that were built before: most services ask for the same one, and building takes
 * milliseconds on a small processor.
 */
#include "walls/seccomp/rules.h"
#include <stdlib.h>
#include <string.h>

#define MAX_KNOWN 16

static struct known {
	const struct seccomp_abi *native;
	struct seccomp_conf conf;
	struct sock_filter *insn;
	size_t size;
	bool checked;
} known[MAX_KNOWN];
static size_t known_count;

static bool same_texts(const struct span *a, size_t count, const struct span *b, size_t other)
{
	for (size_t i = 0; i < count && count == other; i++)
		if (a[i].n != b[i].n || memcmp(a[i].p, b[i].p, a[i].n) != 0)
			return false;
	return count == other;
}

static bool same_conf(const struct seccomp_conf *a, const struct seccomp_conf *b)
{
	return same_texts(a->filter.line, a->filter.count, b->filter.line, b->filter.count) &&
		same_texts(a->log.line, a->log.count, b->log.line, b->log.count) &&
		same_texts(a->rule, a->rules, b->rule, b->rules) && a->otherwise == b->otherwise &&
		a->extra == b->extra && memcmp(a->restricted, b->restricted, sizeof(a->restricted)) == 0 &&
		a->namespaces == b->namespaces && a->families == b->families &&
		a->families_but == b->families_but;
}

static void remember(const struct seccomp_conf *conf, const struct sock_filter *insn, size_t size)
{
	struct known *k = &known[known_count];
	if (known_count == MAX_KNOWN || size == 0)
		return;
	k->insn = malloc(size * sizeof(*insn));
	if (!k->insn)
		return;
	memcpy(k->insn, insn, size * sizeof(*insn));
	k->native = abi_native();
	k->conf = *conf;
	k->size = size;
	known_count++;
}

static struct known *find_known(const struct seccomp_conf *conf)
{
	for (size_t i = 0; i < known_count; i++)
		if (known[i].native == abi_native() && same_conf(&known[i].conf, conf))
			return &known[i];
	return NULL;
}

bool program_is_checked(const struct seccomp_conf *conf)
{
	const struct known *k = find_known(conf);
	return k && k->checked;
}

void program_passed(const struct seccomp_conf *conf)
{
	struct known *k = find_known(conf);
	if (k)
		k->checked = true;
}

size_t seccomp_program(const struct seccomp_conf *conf, struct sock_filter *insn)
{
	const struct known *k = find_known(conf);
	if (k) {
		memcpy(insn, k->insn, k->size * sizeof(*insn));
		return k->size;
	}
	size_t size = program_of(conf, insn);
	remember(conf, insn, size);
	return size;
}

struct plan_blob seccomp_encode(const struct seccomp_conf *conf, const struct wall_context *context,
	struct plan_writer *w)
{
	(void)context;
	static struct sock_filter insn[BPF_MAXINSNS];
	size_t n = seccomp_program(conf, insn);
	struct seccomp_plan s = {.flags = 0};
	if (n == 0)
		w->full = true; /* never a service with less of a filter than asked for */
	s.filter = plan_write_list(w, insn, sizeof(insn[0]), n);
	return plan_write_blob(w, &s, sizeof(s));
}
