/* SPDX-License-Identifier: MIT
 * A trial from its options to its exit status: the plan, what it takes of the host, the service's
 * life (course.c), and the way back. See try.h.
 */
#include "base/count.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/option.h"
#include "base/sys.h"
#include "base/version.h"
#include "engine/cell.h"
#include "try/course.h"
#include "try/learn.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
	"usage: bulkhead-try [--optional WALLS] [--drop-in FILE] [--seconds N] [--learn RECORD] FILE.ini | --service NAME [-- ARGUMENT...]\n"
	"WALLS, with commas between them, may be missing in this kernel: user time landlock selinux seccomp cgroup (or its controllers\n"
	"memory cpu cpuset io pids devices ip). Exit status: the service's, 128 + number of the signal that ended it, 125 refused, 2 usage.\n";

/* ---- options ---- */

static bool set_optional(struct trial *t, const char *list)
{
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, ",");
		uint32_t bits = try_wall_bits((struct span){at, n});
		if (!bits)
			return false;
		t->optional |= bits;
		at += n + (at[n] == ',');
	}
	return true;
}

static bool set_seconds(struct trial *t, const char *text)
{
	uint64_t n;
	if (num_u64(span_of(text), 86400, &n) < 0 || n == 0)
		return false;
	t->seconds = (uint32_t)n;
	return true;
}

static bool set_option(struct trial *t, int option)
{
	switch (option) {
	case 'o':
		return set_optional(t, optarg);
	case 'd':
		t->drop_in = optarg;
		return true;
	case 's':
		t->by_name = true;
		t->subject = optarg;
		return true;
	case 'n':
		return set_seconds(t, optarg);
	case 'l':
		t->learn_path = optarg;
		return true;
	default:
		return false;
	}
}

static bool is_shortened(const struct option *o, int option, char *const *next)
{
	const char *word = option == '?' ? NULL : option_shortened(o, next, optarg);
	if (word)
		try_say("unknown option %s (did you mean --%s?)", word, o->name);
	return word;
}

static bool read_options(struct trial *t, int argc, char **argv)
{
	static const struct option options[] = {
		{"optional", required_argument, NULL, 'o'},
		{"drop-in", required_argument, NULL, 'd'},
		{"service", required_argument, NULL, 's'},
		{"seconds", required_argument, NULL, 'n'},
		{"learn", required_argument, NULL, 'l'},
		{NULL, 0, NULL, 0},
	};
	int option, row = 0;
	while ((option = getopt_long(argc, argv, "+", options, &row)) != -1)
		if (is_shortened(&options[row], option, argv + optind) || !set_option(t, option))
			return false;
	if (!t->by_name)
		t->subject = argv[optind] ? argv[optind++] : NULL;
	if (argv[optind] && strcmp(argv[optind], "--") == 0)
		optind++;
	t->words = argv + optind;
	return t->subject != NULL;
}

static bool too_many(char *const *words)
{
	unsigned n = 0;
	while (n <= CELL_MORE && words[n])
		n++;
	if (n > CELL_MORE)
		try_say("at most %d arguments can be appended", CELL_MORE);
	return n > CELL_MORE;
}

/* A root shell that is itself behind walls can't raise any. */
static bool have_power(void)
{
	uint64_t effective = 0, permitted, inheritable;
	if (geteuid() == 0 && sys_capget(&effective, &permitted, &inheritable) == 0 &&
		effective & 1ull << CAP_SYS_ADMIN)
		return true;
	try_say(geteuid() == 0
			? "this root has no CAP_SYS_ADMIN: it is itself behind walls, and can't raise any"
			: "only root can raise walls");
	return false;
}

static bool find_directory(struct trial *t)
{
	ssize_t n = readlink("/proc/self/exe", t->directory, sizeof(t->directory) - 1);
	char *slash = n > 0 ? memrchr(t->directory, '/', (size_t)n) : NULL;
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

/* ---- the trial ---- */

static int run_service(struct trial *t)
{
	if (t->service->exec[EXEC_START].count == 0) {
		try_say("%s: refused (a group runs nothing)", t->subject);
		return TRY_REFUSED;
	}
	course_begin(t);
	loop_run(t);
	return course_status(t);
}

/* In the background of a shell a read of its terminal would stop us, and then no signal but
 * SIGCONT and SIGKILL would reach us. */
static void block_terminal(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTTIN);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* From the first moment on: whenever it comes, the trial is tidied up. */
static void block_signals(sigset_t *set)
{
	static const int passed[] = {TRY_ENDING_SIGNALS, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};
	sigemptyset(set);
	for (size_t i = 0; i < COUNT(passed); i++)
		sigaddset(set, passed[i]);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
	block_terminal();
}

static int open_signals(struct trial *t)
{
	sigset_t set;
	block_signals(&set);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	t->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return t->signals < 0 || t->null_fd < 0 ? -errno : 0;
}

static int prepare(struct trial *t)
{
	static int (*const steps[])(struct trial *) = {view_open, relay_open};
	int err = group_open_root(t);
	if (err < 0)
		return err;
	report_unsupported(t);
	for (size_t i = 0; i < COUNT(steps) && err == 0; i++)
		err = steps[i](t);
	if (CONFIG_SOCKETS && err == 0)
		err = listen_open(t);
	if (CONFIG_LEARN && err == 0 && t->learn_path)
		err = learn_open(t);
	if (err == 0)
		err = group_make(t);
	return err < 0 ? err : heir_start(t);
}

/* Here, and not where it is defined: as data it would be a part of the program's file. */
static void open_nothing(struct trial *t)
{
	t->cgroup_root = t->group = t->network = t->notify = -1;
	t->main.report = t->main.ready = t->other.report = t->other.ready = -1;
	for (size_t i = 0; i < COUNT(t->relay); i++)
		t->relay[i].from = t->relay[i].to = -1;
}

int main(int argc, char **argv)
{
	static struct trial t;
	sigset_t set;
	int version = version_asked("bulkhead-try", argc, argv);
	if (version >= 0)
		return version;
	open_nothing(&t);
	block_signals(&set);
	/* Without them what is opened below would become one of them. */
	for (int fd = open("/dev/null", O_RDWR); fd >= 0 && fd <= STDERR_FILENO;
		 fd = open("/dev/null", O_RDWR))
		;
	if (!read_options(&t, argc, argv)) {
		fputs(usage, stderr);
		return TRY_USAGE;
	}
	if (too_many(t.words))
		return TRY_USAGE;
	if (t.learn_path && !CONFIG_LEARN) {
		try_say(FEATURE_WITHOUT " CONFIG_LEARN");
		return TRY_USAGE;
	}
	if (!have_power())
		return TRY_REFUSED;
	if (!find_directory(&t)) {
		try_say("/proc/self/exe: %s", strerror(errno));
		return TRY_REFUSED;
	}
	output_open();
	if (open_signals(&t) < 0) {
		try_say("signalfd, /dev/null: %s", strerror(errno));
		return TRY_REFUSED;
	}
	guard_start(&t);
	int status = plan_make(&t);
	if (status != 0 || !t.service)
		return status ? status : TRY_REFUSED;
	int err = prepare(&t);
	status = err < 0 ? TRY_REFUSED : run_service(&t);
	group_remove(&t);
	if (CONFIG_SOCKETS)
		listen_close(&t);
	job_return_netdevs(&t);
	if (relay_drain(&t) < 0 && status == 0)
		status = TRY_REFUSED;
	if (try_learns(&t) && learn_write(&t, status) < 0)
		return TRY_REFUSED;
	return status;
}
