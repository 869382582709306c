/* SPDX-License-Identifier: MIT
 * Timers: see timers.h.
 */
#include "pid1/service/timers.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define STAMPS "/var/lib/bulkhead/timers"
#define STAMP_PATH (sizeof(STAMPS) + CONFIG_MAX_NAME)
#define READ_MS 2000u
/* No clock that is right shows an earlier time: 2026-11-01. */
#define EPOCH_S 1793491200
#define EPOCH_FILE "/usr/lib/clock-epoch"
#define FAR_S 7258118400 /* 2200-01-01 */
/* a clock that is not set is asked again so often */
#define ASK_MS 10000u

/* Of this life: not kept. */
static int clock_fd = -1;
static time_t epoch_s;

struct stamp {
	const char *name;
	uint64_t time_s;
};

static struct {
	int32_t pid; /* of the child that writes, 0 = none */
	uint32_t timer;
	struct stamp stamp;
} writing;

static const char *name_of(const struct plan *p, const struct core_timer *t)
{
	return plan_text(p, plan_service(p, t->service)->name);
}

/* ---- the clock ---- */

static void wait_for_jump(void)
{
	const struct itimerspec far = {.it_value = {.tv_sec = FAR_S}};
	timerfd_settime(clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

void timers_jumped(struct pid1 *s)
{
	uint64_t unused;
	(void)s;
	if (read(clock_fd, &unused, sizeof(unused)) < 0 && errno != EAGAIN)
		wait_for_jump();
}

static bool is_synchronised(void)
{
	struct timex t = {.modes = 0};
	return adjtimex(&t) >= 0 && !(t.status & STA_UNSYNC);
}

static void tell_clock(struct pid1 *s)
{
	struct timespec wall;
	if (clock_gettime(CLOCK_REALTIME, &wall) < 0)
		return;
	int64_t ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
	bool set = wall.tv_sec >= epoch_s || is_synchronised();
	core_clock(&s->core, ms - (int64_t)now_ms(), set);
}

/* ---- last elapses ---- */

static void path_of(char path[static STAMP_PATH], const char *name)
{
	struct fmt f;
	fmt_init(&f, path, STAMP_PATH);
	fmt_strs(&f, STAMPS "/", name, NULL);
}

static int work_read(const void *name)
{
	char path[STAMP_PATH], text[24];
	struct stat st;
	struct fmt f;
	path_of(path, name);
	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	fmt_init(&f, text, sizeof(text));
	fmt_u64(&f, S_ISREG(st.st_mode) && st.st_mtime > 0 ? (uint64_t)st.st_mtime : 0);
	errand_tell(text, NULL);
	return 0;
}

/* The time of the file alone is written: after a loss of power it is the old one or the new. */
static int work_write(const void *arg)
{
	const struct stamp *stamp = arg;
	char path[STAMP_PATH];
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)stamp->time_s}};
	path_of(path, stamp->name);
	mkdir("/var/lib", 0755); /* there already, or the next one fails */
	mkdir("/var/lib/bulkhead", 0755);
	mkdir(STAMPS, 0755);
	bool is_new = access(path, F_OK) < 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd < 0 || futimens(fd, times) < 0 || fsync(fd) < 0)
		return -errno;
	int directory = is_new ? open(STAMPS, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : fd;
	return directory < 0 || fsync(directory) < 0 ? -errno : 0;
}

static void say(struct pid1 *s, const char *name, const char *what, int err)
{
	console_say(s, SAY_ERROR, name, what, STAMPS ": ", err_name(err), NULL);
}

static void read_stamp(struct pid1 *s, const struct plan *p, uint32_t k)
{
	char text[ERRAND_TOLD];
	uint64_t stamp_s = 0;
	const char *name = name_of(p, &s->core.timer[k]);
	int err = errand_run_told(s, work_read, name, READ_MS, text, sizeof(text));
	if (err < 0)
		say(s, name, ": its timer's last elapse cannot be read from ", err);
	else if (num_u64(span_of(text), FAR_S, &stamp_s) < 0)
		stamp_s = 0;
	core_stamp_read(&s->core, k, stamp_s);
}

void timers_look(struct pid1 *s, const struct plan *p)
{
	uint32_t k = core_stamp_due(&s->core);
	if (k >= CONFIG_MAX_TIMERS || writing.pid)
		return;
	writing.timer = k;
	writing.stamp = (struct stamp){name_of(p, &s->core.timer[k]), s->core.timer[k].stamp_s};
	int err = errand_send(&writing.pid, work_write, &writing.stamp, -1);
	if (err == 0)
		return;
	say(s, writing.stamp.name, ": its timer's elapse cannot be kept in ", err);
	core_stamped(&s->core, k, writing.stamp.time_s);
}

bool timers_ended(struct pid1 *s, const struct plan *p, int pid, int status)
{
	(void)p;
	if (pid <= 0 || writing.pid != pid)
		return false;
	writing.pid = 0;
	if (errand_result(status) < 0)
		say(s, writing.stamp.name, ": its timer's elapse cannot be kept in ",
			errand_result(status));
	core_stamped(&s->core, writing.timer, writing.stamp.time_s);
	return true;
}

/* ---- the loop's side ---- */

/* What differs from device to device, and is there without a data partition. */
static uint64_t device_number(void)
{
	static const char *const files[] = {"/etc/machine-id", "/sys/class/dmi/id/product_uuid",
		"/proc/device-tree/serial-number", "/sys/class/net/eth0/address"};
	char text[64];
	int n = 0;
	for (unsigned i = 0; i < COUNT(files) && n <= 0; i++)
		n = sys_read_file(AT_FDCWD, files[i], text, sizeof(text));
	return n > 0 ? hash_bytes(HASH_INIT, text, (size_t)n) : HASH_INIT;
}

static int work_look(const void *unused)
{
	char text[64];
	struct stat st;
	struct fmt f;
	bool later = stat(EPOCH_FILE, &st) == 0 && st.st_mtime > EPOCH_S && st.st_mtime < FAR_S;
	(void)unused;
	fmt_init(&f, text, sizeof(text));
	fmt_u64(&f, (uint64_t)(later ? st.st_mtime : EPOCH_S));
	fmt_char(&f, ' ');
	fmt_u64(&f, device_number());
	errand_tell(text, NULL);
	return 0;
}

/* Without an answer the clock is believed from EPOCH_S on. */
static void look_at_device(struct pid1 *s)
{
	char text[ERRAND_TOLD];
	struct span rest, word;
	uint64_t n;
	epoch_s = EPOCH_S;
	errand_run_told(s, work_look, NULL, READ_MS, text, sizeof(text));
	rest = span_of(text);
	if (span_word(&rest, &word) && num_u64(word, FAR_S, &n) == 0)
		epoch_s = (time_t)n;
	if (span_word(&rest, &word) && num_u64(word, UINT64_MAX, &n) == 0)
		s->core.device = n;
}

void timers_open(struct pid1 *s, const struct plan *p)
{
	if (s->core.timers == 0)
		return;
	look_at_device(s);
	clock_fd = descriptor_lift(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
	if (clock_fd >= 0) {
		wait_for_jump();
		watch_add(s, clock_fd, EPOLLIN, WATCH_CLOCK, 0);
	}
	for (uint32_t k = 0; k < s->core.timers; k++)
		if (core_stamp_awaited(&s->core, k))
			read_stamp(s, p, k);
}

void timers_elapse(struct pid1 *s, const struct plan *p)
{
	uint32_t service;
	if (s->core.timers == 0)
		return;
	tell_clock(s);
	while (core_elapse(&s->core, p, now_ms(), &service))
		console_say(s, SAY_INFO, plan_text(p, plan_service(p, service)->name),
			": its timer has elapsed", NULL);
}

uint64_t timers_deadline(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms(), due = core_timer_deadline(&s->core, p, now);
	return core_waits_for_clock(&s->core, p) && due > now + ASK_MS ? now + ASK_MS : due;
}
