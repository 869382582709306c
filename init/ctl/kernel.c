/* SPDX-License-Identifier: MIT
 * `bulkctl kernel-check`: reads the configuration of the kernel that runs, or of one that is to be
 * built, and says what it lacks. Exit status: 0 the defaults run, 1 they do not, 2 there is nothing
 * to read.
 */
#include "ctl/kernel.h"
#include "base/errname.h"
#include "ctl/ctl.h"
#include "print/json.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNNING "/proc/config.gz"
#define CONFIG_BYTES (2u << 20)

static const char *const grades[] = {[KERNEL_BOOT] = "boot",
	[KERNEL_DEFAULT] = "default",
	[KERNEL_WALL] = "wall",
	[KERNEL_FEATURE] = "feature"};

static int complain_of_file(const char *file, int err, const char *what)
{
	fprintf(stderr, "bulkctl: kernel-check: %s: %s%s%s\n", file, err ? err_text(err) : "",
		err && *what ? ": " : "", what);
	return CTL_USAGE;
}

/* ---- reading ---- */

/* All of it, into a buffer that lasts; -errno. */
static ssize_t read_all(int fd, char *buf, size_t cap)
{
	size_t n = 0;
	while (n < cap) {
		ssize_t got = read(fd, buf + n, cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return (ssize_t)n;
		n += (size_t)got;
	}
	return -EFBIG;
}

static void unpack(int in, int out)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execlp("gzip", "gzip", "-dc", (char *)NULL);
	execlp("zcat", "zcat", (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

/* The bytes of what is packed in `in`, by the gzip or zcat that there is. */
static ssize_t read_packed(const char *file, int in, char *buf, size_t cap)
{
	int ends[2], status = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		unpack(in, ends[1]);
	close(ends[1]);
	ssize_t n = pid < 0 ? -errno : read_all(ends[0], buf, cap);
	close(ends[0]); /* more than fits: it ends by SIGPIPE */
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n == 0 && status == 0)
		complain_of_file(file, 0, "is empty");
	if (n < 0 || status == 0)
		return n;
	complain_of_file(file, 0,
		WIFEXITED(status) && WEXITSTATUS(status) == 127
			? "is packed, and there is neither gzip nor zcat in PATH: unpack it elsewhere"
			: "cannot be unpacked");
	return 0;
}

/* 0, or the exit status once the reason is said. */
static int read_config(const char *file, struct kernel_config *k)
{
	static char text[CONFIG_BYTES];
	unsigned char magic[2] = {0};
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return complain_of_file(file, errno,
			strcmp(file, RUNNING) == 0
				? "this kernel does not carry its configuration (CONFIG_IKCONFIG_PROC): name the file it was built with"
				: "");
	bool packed = pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
	ssize_t n = packed ? read_packed(file, fd, text, sizeof(text))
					   : read_all(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return complain_of_file(file, (int)-n, "");
	if (n == 0 && packed)
		return CTL_USAGE;
	kernel_config_read(k, text, (size_t)n);
	/* An empty one lacks everything, and its fragment is all that there is to know. */
	return n == 0 || k->lines
		? 0
		: complain_of_file(file, 0,
			  "is not a kernel's configuration: no line of it sets an option");
}

/* ---- telling ---- */

static void print_option(const struct kernel_config *k, const struct kernel_option *o)
{
	printf("  CONFIG_%s%s%s%s\n      %s: %s\n", o->name,
		o->word         ? " with "
			: o->module ? "=y or m"
						: "=y",
		o->word ? o->word : "",
		kernel_too_old(k, o->since) ? ", which this kernel is too old for" : "", o->used_by,
		o->without);
}

static unsigned print_grade(const struct kernel_config *k, enum kernel_grade grade,
	const char *title)
{
	unsigned count = 0;
	for (const struct kernel_option *o = kernel_options; o->name; o++) {
		if (o->grade != grade || kernel_config_has(k, o))
			continue;
		if (count++ == 0)
			printf("%s\n", title);
		print_option(k, o);
	}
	return count;
}

static void print_age(const struct kernel_config *k)
{
	bool any = false;
	if (kernel_too_old(k, KERNEL_OLDEST))
		printf("Older than Linux " KERNEL_OLDEST_TEXT
			   ", the oldest that bulkhead runs on: services do not start\n");
	for (const struct kernel_feature *f = kernel_features; f->name; f++) {
		if (!kernel_too_old(k, f->since))
			continue;
		if (!any)
			printf("Not in a kernel of this age:\n");
		any = true;
		printf("  %s (%u.%u)\n      %s\n", f->name, f->since / 1000, f->since % 1000, f->without);
	}
}

static void print_text(const char *file, const struct kernel_config *k)
{
	static const char *const titles[] = {
		[KERNEL_BOOT] = "Missing, and without it nothing runs:",
		[KERNEL_DEFAULT] = "Missing, and without it the defaults do not run:",
		[KERNEL_WALL] = "Missing, needed by a default wall:",
		[KERNEL_FEATURE] = "Missing, needed by services that ask for it:",
	};
	unsigned missing = 0, all = 0;
	print_age(k);
	for (int grade = KERNEL_BOOT; grade <= KERNEL_FEATURE; grade++)
		missing += print_grade(k, (enum kernel_grade)grade, titles[grade]);
	for (const struct kernel_option *o = kernel_options; o->name; o++)
		all++;
	if (k->version)
		printf("%s: Linux %u.%u: ", file, k->version / 1000, k->version % 1000);
	else
		printf("%s: ", file);
	printf("%u of %u options, the defaults %s\n", all - missing, all,
		kernel_defaults_run(k) ? "run" : "do NOT run");
}

static void print_kernel_json(const char *file, const struct kernel_config *k)
{
	struct json j = {.out = stdout};
	char text[512];
	json_open(&j, NULL, '{');
	json_text(&j, "file", file);
	snprintf(text, sizeof(text), "%u.%u", k->version / 1000, k->version % 1000);
	if (k->version)
		json_text(&j, "version", text);
	else
		json_null(&j, "version");
	json_text(&j, "oldest", KERNEL_OLDEST_TEXT);
	json_open(&j, "features", '[');
	for (const struct kernel_feature *f = kernel_features; f->name; f++) {
		json_open(&j, NULL, '{');
		json_text(&j, "feature", f->name);
		snprintf(text, sizeof(text), "%u.%u", f->since / 1000, f->since % 1000);
		json_text(&j, "since", text);
		json_bool(&j, "too_old", kernel_too_old(k, f->since));
		json_text(&j, "without", f->without);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_bool(&j, "defaults_run", kernel_defaults_run(k));
	json_open(&j, "options", '[');
	for (const struct kernel_option *o = kernel_options; o->name; o++) {
		json_open(&j, NULL, '{');
		snprintf(text, sizeof(text), "CONFIG_%s", o->name);
		json_text(&j, "option", text);
		json_bool(&j, "there", kernel_config_has(k, o));
		json_text(&j, "value", kernel_config_value(k, o->name, text, sizeof(text)));
		json_text(&j, "wanted", o->word ? o->word : o->module ? "y or m" : "y");
		json_text(&j, "grade", grades[o->grade]);
		json_bool(&j, "too_old", kernel_too_old(k, o->since));
		json_text(&j, "used_by", o->used_by);
		json_text(&j, "without", o->without);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

int ctl_kernel(const struct ctl *c)
{
	const char *file = c->count ? c->names[0] : RUNNING;
	struct kernel_config k;
	int status = read_config(file, &k);
	if (status)
		return status;
	if (c->fragment)
		kernel_fragment(&k, stdout);
	else if (ctl_json(c))
		print_kernel_json(file, &k);
	else
		print_text(file, &k);
	return c->fragment || kernel_defaults_run(&k) ? CTL_OK : CTL_FAILED;
}
