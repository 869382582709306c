/* SPDX-License-Identifier: MIT
 * `bulkctl logs`: the rings of all services, or of some, merged by time; -f goes on with what
 * comes.
 */
#include "base/channel.h"
#include "base/errname.h"
#include "base/nearest.h"
#include "ctl/ctl.h"
#include "print/json.h"
#include "ctl/ring_file.h"
#include "ctl/text.h"
#include "print/escape.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define FOLLOW_LINES 10 /* shown first with -f, unless -n says otherwise */
/* in case a wake-up was lost: the writer's memory may have been full */
#define FOLLOW_LOOK_MS 2000
#define FOLLOW_BLIND_MS 300    /* without wake-ups */
#define CLOCK_SET_S 1577836800 /* 2020: a wall clock that is behind it was never set */

struct logs {
	const struct ctl *ctl;
	int directory;
	uint32_t count;
	struct ring_file *source[CONFIG_MAX_SERVICES];
	uint64_t skip;   /* lines that -n leaves out */
	int64_t wall_ns; /* realtime minus monotonic */
	size_t name_width;
};

static bool wanted(const struct ctl *c, const char *name)
{
	if (strchr(name, '.')) /* "." and "..", and what bulkhead-log is still writing */
		return false;
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->names[i], name) == 0)
			return true;
	return c->count == 0;
}

static struct ring_file *find_ring(const struct logs *l, const char *name)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (strcmp(l->source[i]->name, name) == 0)
			return l->source[i];
	return NULL;
}

static int add_ring(struct logs *l, const char *name)
{
	struct ring_file *s = find_ring(l, name);
	bool known = s;
	int err;
	if (!s && l->count == CONFIG_MAX_SERVICES)
		return -E2BIG;
	if (!s)
		s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	if (!known)
		s->file = -1;
	err = ring_file_open(s, l->directory, name);
	if (err && !known)
		free(s);
	if (err || known)
		return err;
	l->source[l->count++] = s;
	if (strlen(name) > l->name_width)
		l->name_width = strlen(name);
	return 0;
}

/* Every ring that is not known yet. */
static void add_new(struct logs *l)
{
	DIR *d = fdopendir(openat(l->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!d)
		return;
	for (const struct dirent *e = readdir(d); e; e = readdir(d))
		if (wanted(l->ctl, e->d_name) && !find_ring(l, e->d_name))
			add_ring(l, e->d_name);
	closedir(d);
}

/* The source whose next entry is the oldest, or NULL. */
static struct ring_file *oldest(const struct logs *l)
{
	struct ring_file *first = NULL;
	for (uint32_t i = 0; i < l->count; i++) {
		struct ring_file *s = l->source[i];
		if (s->ready && (!first || s->entry.time_ns < first->entry.time_ns))
			first = s;
	}
	return first;
}

static void put_date(struct fmt *f, const struct logs *l, uint64_t time_ns)
{
	int64_t wall = (int64_t)time_ns + l->wall_ns;
	time_t seconds = (time_t)(wall / 1000000000);
	struct tm tm = {0};
	if (seconds < CLOCK_SET_S) {
		fmt_char(f, '[');
		text_duration(f, time_ns / 1000000);
		fmt_char(f, ']');
		return;
	}
	localtime_r(&seconds, &tm);
	text_date(f, seconds, (uint32_t)(wall % 1000000000), (int32_t)tm.tm_gmtoff);
}

static const char *level_colour(const struct ctl *c, const struct ring_entry *e)
{
	if (!c->colour)
		return "";
	if (e->level <= 3)
		return "\033[1;31m";
	if (e->level == 4)
		return "\033[33m";
	return e->level == 7 ? "\033[2m" : "";
}

static void print_line_json(const struct logs *l, const struct ring_file *s, const char *text,
	size_t n)
{
	struct json j = {.out = stdout, .flat = true};
	char date[64];
	struct fmt f;
	fmt_init(&f, date, sizeof(date));
	put_date(&f, l, s->entry.time_ns);
	json_open(&j, NULL, '{');
	json_text(&j, "time", date);
	json_u64(&j, "monotonic_ns", s->entry.time_ns);
	json_text(&j, "service", s->name);
	json_u64(&j, "level", s->entry.level);
	if (s->lost)
		json_u64(&j, "lost_before", s->lost);
	if (s->entry.flags & RING_NOTE)
		json_bool(&j, "note", true);
	if (s->entry.flags & RING_CONTINUES)
		json_bool(&j, "continues", true);
	if (s->entry.flags & RING_UNFINISHED)
		json_bool(&j, "unfinished", true);
	json_bytes(&j, "text", text, n);
	json_close(&j, '}');
}

static void print_entry(const struct logs *l, const struct ring_file *s)
{
	static char safe[CONFIG_MAX_LINE * 4 + 1]; /* \x1b for each byte at worst */
	const struct ctl *c = l->ctl;
	const char *colour = level_colour(c, &s->entry);
	size_t skip = (size_t)s->entry.flags >> RING_SKIP_SHIFT;
	char date[64];
	struct fmt f;
	if (ctl_json(c)) {
		print_line_json(l, s, s->text + skip, s->entry.length - skip);
		return;
	}
	fmt_init(&f, date, sizeof(date));
	put_date(&f, l, s->entry.time_ns);
	fmt_init(&f, safe, sizeof(safe));
	text_printable(&f, s->text + skip, s->entry.length - skip);
	if (s->lost)
		printf("%s %-*s [%u lines overwritten before they were shown]\n", date, (int)l->name_width,
			s->name, (unsigned)s->lost);
	printf("%s %-*s %s%s%s%s%s%s\n", date, (int)l->name_width, s->name, colour,
		s->entry.flags & RING_NOTE ? "[" : "", safe, s->entry.flags & RING_NOTE ? "]" : "",
		s->entry.flags & RING_UNFINISHED ? " [unfinished]" : "", *colour ? ctl_colour_end(c) : "");
}

/* Everything that the copies hold, by time. Without `print`, only counts. */
static uint64_t merge(struct logs *l, bool print)
{
	uint64_t lines = 0;
	struct ring_file *s;
	for (uint32_t i = 0; i < l->count; i++)
		ring_file_next(l->source[i]);
	for (s = oldest(l); s; s = oldest(l)) {
		lines++;
		if (print && l->skip)
			l->skip--;
		else if (print)
			print_entry(l, s);
		ring_file_next(s);
	}
	return lines;
}

static void rewind_all(struct logs *l)
{
	for (uint32_t i = 0; i < l->count; i++) {
		l->source[i]->position = 0;
		l->source[i]->started = false;
	}
}

static int first_copy(const struct logs *l, struct ring_file *s)
{
	int err = ring_file_refresh(s);
	if (err == -EBADMSG)
		return ctl_complain(l->ctl, s->name, err, "its log is damaged");
	if (err == -EBUSY && !l->ctl->follow)
		return ctl_complain(l->ctl, s->name, err,
			"it writes faster than its log can be read: try again");
	return CTL_OK;
}

static int print_first(struct logs *l)
{
	long most = l->ctl->lines;
	int result = CTL_OK;
	uint64_t lines;
	if (most < 0 && l->ctl->follow)
		most = FOLLOW_LINES;
	for (uint32_t i = 0; i < l->count; i++) {
		int one = first_copy(l, l->source[i]);
		if (one)
			result = one;
	}
	if (most >= 0) {
		lines = merge(l, false);
		l->skip = lines > (uint64_t)most ? lines - (uint64_t)most : 0;
		rewind_all(l);
	}
	merge(l, true);
	return result;
}

/* Rings that are new, or were replaced by one of another size. */
static void take_events(struct logs *l, int notify)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(notify, buf, sizeof(buf));
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const struct inotify_event *)(const void *)(buf + at);
		at += (ssize_t)(sizeof(*e) + e->len);
		if (e->mask & IN_Q_OVERFLOW)
			add_new(l);
		else if (e->len && (e->mask & (IN_CREATE | IN_MOVED_TO)) && wanted(l->ctl, e->name))
			add_ring(l, e->name);
	}
}

static void refresh(struct logs *l)
{
	for (uint32_t i = 0; i < l->count; i++) {
		struct ring_file *s = l->source[i];
		if (ring_file_refresh(s) == -ESTALE && add_ring(l, s->name) == 0)
			ring_file_refresh(s);
	}
}

static int follow_rings(struct logs *l, int notify)
{
	struct pollfd p[2] = {{.fd = notify, .events = POLLIN}, {.fd = STDOUT_FILENO}};
	for (;;) {
		if (fflush(stdout) == EOF || (p[1].revents & (POLLERR | POLLHUP)))
			return CTL_OK;
		if (poll(p, 2, notify < 0 ? FOLLOW_BLIND_MS : FOLLOW_LOOK_MS) < 0 && errno != EINTR)
			return ctl_complain(l->ctl, NULL, -errno, "");
		if (notify < 0)
			add_new(l);
		else if (p[0].revents)
			take_events(l, notify);
		refresh(l);
		merge(l, true);
	}
}

static int no_log(const struct logs *l, const char *name)
{
	static char best[NAME_MAX + 1];
	DIR *d = fdopendir(openat(l->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct nearest near;
	char text[192];
	nearest_begin(&near, span_of(name));
	for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		if (!strchr(e->d_name, '.'))
			nearest_try(&near, span_of(e->d_name));
		if (near.best.p == e->d_name) { /* which is readdir's */
			memcpy(best, e->d_name, near.best.n);
			near.best.p = best;
		}
	}
	if (d)
		closedir(d);
	snprintf(text, sizeof(text),
		"it has no log: it has written nothing yet, or there is no such service%s%s",
		nearest_hint(&near), l->ctl->follow ? "; waiting for it" : "");
	return ctl_complain(l->ctl, name, -ENOENT, text);
}

static int named_rings(struct logs *l)
{
	int result = CTL_OK;
	for (int i = 0; i < l->ctl->count; i++) {
		const char *name = l->ctl->names[i];
		int err = strpbrk(name, "./") ? -ENOENT : add_ring(l, name);
		if (err == -ENOENT && l->ctl->follow)
			no_log(l, name);
		else if (err)
			result = err == -ENOENT ? no_log(l, name) : ctl_complain(l->ctl, name, err, "");
	}
	return result;
}

static void set_clock(struct logs *l)
{
	struct timespec wall, mono;
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	l->wall_ns = (int64_t)(wall.tv_sec - mono.tv_sec) * 1000000000 + (wall.tv_nsec - mono.tv_nsec);
}

/* -1 where there is no inotify, or SELinux keeps it from this user: then following is looking
 * again and again. */
static int watch_directory(const char *directory)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0 || inotify_add_watch(fd, directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO) >= 0)
		return fd;
	close(fd);
	return -1;
}

int ctl_logs(const struct ctl *c)
{
	static struct logs l;
	int notify = -1;
	int result = CTL_OK;
	l.ctl = c;
	l.directory = open(c->logs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l.directory < 0)
		return ctl_complain(c, c->logs, -errno, "");
	/* before the first reading, so that nothing falls between it and the watch */
	if (c->follow)
		notify = watch_directory(c->logs);
	set_clock(&l);
	if (c->count)
		result = named_rings(&l);
	else
		add_new(&l);
	if (result)
		return result;
	result = print_first(&l);
	return c->follow ? follow_rings(&l, notify) : result;
}
