// needs: base CONFIG_TRY
/* SPDX-License-Identifier: MIT
 * `bulkctl try` at the desk: the real programs out of the build directory, on whatever kernel and
 * cgroup set-up this machine has. As root; a machine without controllers of cgroup v2 is one of
 * those it has to get along with.
 */
#include "base/config.h"
#include "base/count.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* SIGTERM once it has printed the mark; what it printed; its status. */
#define STOP_AT(mark) \
	"o=$(mktemp); %s >$o 2>&1 & p=$!; for i in $(seq 600); do grep -q '" mark \
	"' $o && break; sleep 0.1; done; kill -TERM $p; wait $p; s=$?; cat $o; rm $o; exit $s"

/* In a view of its own, which goes with it. */
#define IN_CHROOT \
	"set -- %s; r=$(mktemp -d); mkdir -p $r/proc $r/sys $r/dev $r/run $r/tmp/try-desk-root; d=${1%/*}; " \
	"cp $d/bulkctl $d/bulkhead-try $d/bulkhead-cell $d/bulkhead-compile $r/tmp/try-desk-root; cp $5 $r/a.ini; " \
	"unshare -m sh -c \"mount --rbind /proc $r/proc && mount --rbind /sys $r/sys && mount --rbind /dev $r/dev && " \
	"exec chroot $r /tmp/try-desk-root/bulkctl try --optional cgroup /a.ini\"; s=$?; rm -rf $r; exit $s"

static const struct test {
	const char *name, *file, *arguments, *shell; /* shell: around the command, %s */
	int status;
	const char *seen[4];
} tests[] = {
	{"exit status and both outputs", "ExecStart = /bin/sh -c 'echo out; echo err >&2; exit 7'", "",
		"%s", 7, {"out\n", "err\n"}},
	{"standard input, arguments", "ExecStart = /bin/sh -c 'cat; echo $$0 $$*'", "zero -x",
		"echo hello | %s", 0, {"hello\nzero -x\n"}},
	{"death by a signal", "ExecStart = /bin/sh -c 'kill -SEGV $$$$'", "", "%s", 128 + 11, {""}},
	{"every kind of command",
		"ExecStartPre = /bin/echo pre\nExecStart = /bin/echo main\nExecStopPost = /bin/echo post",
		"", "%s", 0, {"pre\nmain\npost\n"}},
	{"a failing command before", "ExecStartPre = /bin/false\nExecStart = /bin/echo ran", "", "%s",
		125, {"ExecStartPre failed: exit status 1\n"}},
	{"a command before that is killed",
		"ExecStartPre = /bin/sh -c 'kill -SEGV $$$$'\nExecStart = /bin/echo ran", "", "%s", 125,
		{"ExecStartPre failed: killed by SIGSEGV\n"}},
	{"a daemon that goes to the background", "ExecStart = /bin/sh -c 'sleep 1000 & exit 0'", "",
		"%s", 0, {"a daemon must stay in the foreground\n"}},
	{"its own walls",
		"ExecStart = /bin/sh -c 'grep -E \"^(Seccomp|NoNewPrivs|CapBnd)\" /proc/self/status; echo /proc/[0-9]*; touch /x'",
		"", "%s", 1,
		{"Seccomp:\t2\n", "NoNewPrivs:\t1\n", "CapBnd:\t0000000000000000\n",
			"Read-only file system"}},
	{"readiness on a descriptor",
		"Type = notify\nNotificationFD = 5\nExecStart = /bin/sh -c 'echo >&5; echo up'", "", "%s",
		0, {"ready\n", "up\n"}},
	{"an end before it is ready", "Type = notify\nExecStart = /bin/true", "", "%s", 125,
		{"ended before it was ready"}},
	{"one that ends well when a command after it has failed",
		"ExecStart = /bin/sh -c 'trap \"echo got; exit 0\" TERM; while :; do sleep 0.1; done'\nExecStartPost = /bin/false",
		"", "%s", 125, {"ExecStartPost failed"}},
	{"an end that the file takes for a success",
		"SuccessExitStatus = 3 SIGSEGV\nExecStart = /bin/sh -c 'kill -SEGV $$$$'", "", "%s", 0,
		{""}},
	{"a oneshot's last command, whose status is one",
		"Type = oneshot\nSuccessExitStatus = 3\nExecStart = /bin/sh -c 'exit 3'\nExecStop = /bin/echo stop",
		"", "%s", 0, {"stop\n"}},
	{"a stop during ExecStartPost",
		"ExecStart = /bin/sh -c 'trap \"echo got; exit 3\" TERM; while :; do sleep 0.1; done'\n"
		"ExecStartPost = /bin/sh -c 'echo after; exec sleep 1000'\nExecStop = /bin/echo stop\nExecStopPost = /bin/echo post",
		"", STOP_AT("after"), 3, {"after\n", "got\n", "post\n"}},
	{"all commands in one group",
		"ExecStartPre = /bin/cat /proc/self/cgroup\nExecStart = /bin/cat /proc/self/cgroup\nExecStopPost = /bin/cat /proc/self/cgroup\n"
		"[Namespaces]\nCgroup = host",
		"",
		"%s | sort | uniq -c | awk '$1 != 3 { print \"apart:\", $0; bad = 1 } END { exit bad }'", 0,
		{""}},
	{"a oneshot's end is that of its last command",
		"Type = oneshot\nExecStart = /bin/echo one\nExecStart = /bin/echo two\nExecStartPost = /bin/echo up\nExecStop = /bin/echo stop",
		"", "%s", 0, {"one\ntwo\nup\nstop\n"}},
	{"an exit status that the file takes for a success",
		"Type = oneshot\nSuccessExitStatus = 3\nExecStart = /bin/sh -c 'exit 3'\nExecStart = /bin/echo two",
		"", "%s", 0, {"two\n"}},
	{"which counts for no other command",
		"SuccessExitStatus = 3\nExecStartPre = /bin/sh -c 'exit 3'\nExecStart = /bin/echo ran", "",
		"%s", 125, {"ExecStartPre failed: exit status 3\n"}},
	{"a command of the end that fails does not keep the next from running",
		"Type = oneshot\nTimeoutStopSec = 60s\nExecStart = /bin/true\nExecStop = /bin/false\nExecStop = /bin/echo second\nExecStopPost = /bin/false\n"
		"ExecStopPost = /bin/echo last",
		"", "%s", 0, {"ExecStop failed", "second\n", "ExecStopPost failed", "last\n"}},
	{"a failing command after", "ExecStart = /bin/sleep 1000\nExecStartPost = /bin/false", "", "%s",
		128 + 15, {"ExecStartPost failed"}},
	{"one time for the whole start",
		"TimeoutStartSec = 1s\nExecStartPre = /bin/sleep 0.7\nExecStartPre = /bin/sleep 0.7\nExecStart = /bin/echo ran",
		"", "%s", 125, {"did not come up within its TimeoutStartSec"}},
	{"a silent watchdog", "WatchdogSec = 1s\nExecStart = /bin/sleep 1000", "", "%s", 128 + 9,
		{"longer than its WatchdogSec"}},
	{"a bad file", "ExecStart = /bin/true\nColour = red", "", "%s", 125,
		{"unknown directive \"Colour\""}},
	{"stopped by a signal",
		"ExecStart = /bin/sh -c 'trap \"echo got; exit 3\" TERM; echo up; while :; do sleep 0.1; done'",
		"", "exec timeout --foreground -s TERM --preserve-status 3 %s", 3, {"up\ngot\n"}},
	{"a group runs nothing, and that is said", "Type = group", "", "%s", 125,
		{"refused (a group runs nothing)"}},
	{"as many arguments as there is room for", "ExecStart = /bin/echo", "$(seq 122)", "%s", 0,
		{" 121 122\n"}},
	{"an argument more", "ExecStart = /bin/echo ran", "$(seq 123)", "%s", 2,
		{"at most 122 arguments"}},
	{"readiness after its time is none",
		"Type = notify\nNotificationFD = 5\nTimeoutStartSec = 1s\nExecStart = /bin/sh -c 'trap \"echo >&5; exit\" TERM; sleep 100 & wait'",
		"", "%s 2>&1 | grep -cx 'bulkhead-try: ready'", 1, {"0\n"}},
	{"a file whose name is no service's", "ExecStart = /bin/echo ran", "",
		"set -- %s; cp $5 ${5%.ini}; $1 $2 $3 $4 ${5%.ini}; s=$?; rm ${5%.ini}; exit $s", 125,
		{"makes no service's name", "refused (its file has errors)"}},
#if CONFIG_LEARN
	{"what was learned is printed if it cannot be written", "ExecStart = /bin/true", "",
		"set -- %s; $1 learn --seconds 1 --optional cgroup --output /nonexistent/lines $5", 1,
		{"/nonexistent/lines: no such file or directory\n", "\nSystemCallFilter =\n"}},
#endif
	/* only what is looked at before: the files that a chroot has are those of the desk */
	{"a root that is no mount point", "ExecStart = /tmp/try-desk-root/bulkctl", "", IN_CHROOT, 125,
		{"/ is no mount point, as in a chroot"}},
	{"a group of its name that stands is another's", "ExecStart = /bin/echo ran", "",
		"sh -c 'd=/sys/fs/cgroup; [ ! -d $d/unified ] || d=$d/unified; d=$d/bulkhead-try-$$; mkdir $d; echo $d; exec %s' | { read d; cat; rmdir $d && echo untouched; }",
		0, {"ran\n", "untouched\n"}},
};

static char directory[4096], file[64] = "/tmp/try-desk-XXXXXX", output[65536];

static bool find_programs(void)
{
	ssize_t n = readlink("/proc/self/exe", directory, sizeof(directory) - 64);
	char *slash = n > 0 ? strrchr(directory, '/') : NULL;
	if (!slash)
		return false;
	strcpy(slash, "/..");
	strcat(slash, "/bulkctl");
	bool found = access(directory, X_OK) == 0;
	*strrchr(directory, '/') = '\0';
	return found;
}

static bool run(const struct test *t)
{
	char command[8192], line[12000], path[128];
	size_t got = 0, n;
	snprintf(path, sizeof(path), "%s/t-desk.ini", file);
	FILE *ini = fopen(path, "w");
	if (!ini || fprintf(ini, "[Service]\n%s\n", t->file) < 0 || fclose(ini) != 0)
		return false;
	snprintf(command, sizeof(command), "%s/bulkctl try --optional cgroup %s -- %s", directory, path,
		t->arguments);
	char *at = strstr(t->shell, "%s");
	snprintf(line, sizeof(line), "exec 2>&1; %.*s%s%s", (int)(at - t->shell), t->shell, command,
		at + 2);
	FILE *out = popen(line, "r");
	if (!out)
		return false;
	while ((n = fread(output + got, 1, sizeof(output) - 1 - got, out)) > 0)
		got += n;
	output[got] = '\0';
	int status = pclose(out);
	return WIFEXITED(status) && WEXITSTATUS(status) == t->status;
}

int main(void)
{
	unsigned failed = 0;
	if (geteuid() != 0) {
		printf("ok 1 - bulkctl try # SKIP not root: no wall can be raised\n1..1\n");
		return 0;
	}
	if (!find_programs() || !mkdtemp(file)) {
		printf("not ok 1 - bulkctl beside the tests\n1..1\n");
		return 1;
	}
	for (size_t i = 0; i < COUNT(tests); i++) {
		bool good = run(&tests[i]);
		for (size_t s = 0; s < COUNT(tests[i].seen) && tests[i].seen[s]; s++)
			good = good && strstr(output, tests[i].seen[s]);
		printf("%sok %zu - %s\n", good ? "" : "not ", i + 1, tests[i].name);
		if (!good)
			printf("# it printed: %s\n", output);
		failed += !good;
	}
	strcat(file, "/t-desk.ini");
	unlink(file);
	*strrchr(file, '/') = '\0';
	rmdir(file);
	printf("1..%zu\n", COUNT(tests));
	return failed != 0;
}
