/* SPDX-License-Identifier: MIT
 * The record: see learn_record.h.
 */
#include "try/learn_record.h"
#include "base/sys.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Whose caller is killed meanwhile has another view, or another process has its number, than the
 * one that asked: what was found there is not believed (seccomp_unotify(2)). */
static bool still_waits(struct learn *l)
{
	return sys_ioctl(l->asked_where, SECCOMP_IOCTL_NOTIF_ID_VALID, &l->asked) == 0;
}

void learn_note(struct learn *l, const char *kind, const char *text)
{
	char line[4200];
	struct fmt f;
	if (strchr(text, '\n') || !still_waits(l))
		return; /* no service file can name a line's end */
	fmt_init(&f, line, sizeof(line));
	fmt_strs(&f, kind, " ", text, "\n", NULL);
	for (const char *at = strstr(l->notes, line); at; at = strstr(at + 1, line))
		if (at == l->notes || at[-1] == '\n')
			return;
	if (!f.cut && l->note.len + f.len < l->note.cap)
		fmt_mem(&l->note, line, f.len);
}

static void put(struct learn *l, const char *text, size_t n)
{
	ssize_t done = l->err ? 0 : write(l->out, text, n);
	if (!l->err && done != (ssize_t)n)
		l->err = done < 0 ? errno : ENOSPC;
}

/* A word, then numbers: the first ones decimal, the others not. */
static void put_line(struct learn *l, const char *kind, const uint64_t *number, unsigned decimal,
	unsigned n)
{
	char text[64 + LEARN_VALUES * 17];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_str(&f, kind);
	for (unsigned i = 0; i < n; i++) {
		fmt_char(&f, ' ');
		if (i < decimal)
			fmt_u64(&f, number[i]);
		else
			fmt_hex(&f, number[i], 1);
	}
	fmt_char(&f, '\n');
	put(l, text, f.len);
}

static void put_call(struct learn *l, unsigned nr)
{
	uint64_t number[2 + LEARN_VALUES] = {nr};
	put_line(l, "call", number, 1, 1);
	for (unsigned i = 0; i < LEARN_ARGUMENTS; i++) {
		const struct values *v = &l->values[nr][i];
		if (v->many)
			continue;
		number[1] = i;
		memcpy(number + 2, v->value, sizeof(v->value));
		put_line(l, "arg", number, 2, 2u + v->count);
	}
}

static void put_end(struct learn *l, const struct trial *t, int status)
{
	const uint64_t number = (uint64_t)status % 128;
	if (!t->main.started || t->alive)
		put_line(l, t->main.started ? "end alive" : "end refused", NULL, 0, 0);
	else
		put_line(l, status >= 128 ? "end killed" : "end exited", &number, 1, 1);
}

int learn_write(struct trial *t, int status)
{
	struct learn *l = t->learn;
	for (unsigned nr = 0; nr < LEARN_CALLS; nr++)
		if (l->made[nr])
			put_call(l, nr);
	put(l, l->notes, l->note.len);
	put_line(l, "memory", &l->memory, 1, 1);
	put_line(l, "tasks", &l->tasks, 1, 1);
	put_end(l, t, status);
	if (close(l->out) < 0 && !l->err)
		l->err = errno;
	if (!l->err)
		return 0;
	try_say("%s: %s", t->learn_path, strerror(l->err));
	return -EIO;
}
