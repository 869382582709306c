// needs: compile/arguments.c compile/*/*.c report/*/*.c print/*.c renew/*.c walls/[b-z]*.c walls/*/[b-z]*.c walls/seccomp/a[!p]*.c plan/*.c base/*.c -fno-sanitize-coverage=trace-cmp -linih -lseccomp -lcap
/* SPDX-License-Identifier: MIT
 * Any text in a service file, a drop-in, a learned record or init.ini, through all modes of the
 * compiler: it ends by itself, with a status that it documents. The program runs once and keeps its
 * values, so each input has a process of its own, whose counters of coverage are handed back.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#define main compile_main
/* the sanitizer needs more memory */
#define setrlimit(resource, value) ((void)(resource), (void)(value), 0)
/* takes longer than all the rest */
#define fsync(fd) ((void)(fd), 0)
#include "compile/confine.c"
#include "compile/main.c"
#undef main
#undef setrlimit
#undef fsync
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* The counters of clang (SanitizerCoverage). By assembler: a declaration in C takes the names
 * from the code that registers them. */
__asm__(".pushsection .data.rel.ro\n"
		"counted: .quad __start___sancov_cntrs\n"
		"counted_end: .quad __stop___sancov_cntrs\n"
		".popsection");
extern uint8_t *const counted, *const counted_end;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* No status of the compiler's: what a sanitizer finds in the child must not pass for a refused
 * file. */
const char *__asan_default_options(void)
{
	return "exitcode=99";
}

const char *__ubsan_default_options(void)
{
	return "exitcode=99";
}

static char root[64], path[7][128], self[16];
static uint8_t *counters;

enum file { INIT, SERVICE, DROP_IN, PROFILE, FSTAB, RECORD, PLAN };

/* Those are at their places in the corpus: new ones come last, and tests/fuzz/run counts them. */
static char *const modes[][12] = {
	{"c", "--root", root, "--output", path[PLAN], NULL},
	{"c", "--root", root, "--check", NULL},
	{"c", "--root", root, "--explain", "fuzz", NULL},
	{"c", "--root", root, "--explain", "fuzz", "--json", NULL},
	{"c", "--root", root, "--security", NULL},
	{"c", "--root", root, "--security", "--json", NULL},
	{"c", "--root", root, "--selinux", "--arch", "aarch64", NULL},
	{"c", "--root", root, "--alone", "--service", "fuzz", "--output", path[PLAN], NULL},
	{"c", "--root", root, "--alone", "--service", "fuzz", "--learned", path[RECORD], NULL},
	{"c", "--root", root, "--alone", "--service", "fuzz", "--learned", path[RECORD], "--grant",
		NULL},
	{"c", "--root", root, "--strict", "--arch", "arm", "--output", path[PLAN], NULL},
	{"c", "--dump", path[RECORD], NULL},
	{"c", "--root", root, "--file", path[SERVICE], "--output", path[PLAN], NULL},
	{"c", "--root", root, "--alone", "--file", path[SERVICE], "--drop-in", path[DROP_IN],
		"--output", path[PLAN], NULL},
	{"c", "--root", root, "--alone", "--service", "fuzz", "--drop-in", path[RECORD], "--fd", "1",
		NULL},
	{"c", "--root", root, "--explain", "fuzz", "--running", self, "--absent", "21", NULL},
	{"c", "--root", root, "--explain", "fuzz", "--json", "--running", self, NULL},
	{"c", "--root", root, "--security", "--limit", "4.5", "fuzz", NULL},
	{"c", "--root", root, "--check", path[SERVICE], path[RECORD], NULL},
	{"c", "--root", root, "--selinux", "fuzz", NULL},
};

static void remove_all(void)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (system(command) != 0)
		abort();
}

static void prepare(void)
{
	static const char *const names[] = {"etc/bulkhead/init.ini", "etc/bulkhead/services.d/fuzz.ini",
		"etc/bulkhead/services.d/fuzz.d/x.ini", "etc/bulkhead/profiles.d/fuzz.ini", "etc/fstab",
		"record", "plan"};
	char command[256];
	if (root[0])
		return;
	snprintf(root, sizeof(root), "/tmp/bulkhead-fuzz-XXXXXX");
	size_t n = (size_t)(counted_end - counted);
	counters = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!mkdtemp(root) || counters == MAP_FAILED)
		abort();
	snprintf(command, sizeof(command),
		"mkdir -p %s/etc/bulkhead/services.d/fuzz.d %s/etc/bulkhead/profiles.d", root, root);
	if (system(command) != 0)
		abort();
	for (int i = INIT; i <= PLAN; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%s", root, names[i]);
	atexit(remove_all);
}

static void put(enum file where, const void *p, size_t n)
{
	int fd = open(path[where], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

static void in_child(size_t mode)
{
	int argc = 0, null = open("/dev/null", O_RDWR);
	while (modes[mode][argc])
		argc++;
	snprintf(self, sizeof(self), "%d", (int)getpid());
	dup2(null, 1);
	dup2(null, 2);
	optind = 0;
	int status = compile_main(argc, (char **)modes[mode]);
	memcpy(counters, counted, (size_t)(counted_end - counted));
	_exit(status);
}

/* A byte says where the text goes, one the mode; a service file is there in any case. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char whole[] = "[Service]\nExecStart = /bin/x\n";
	int status;
	prepare();
	if (size < 2)
		return 0;
	for (int i = INIT; i < PLAN; i++)
		unlink(path[i]);
	put(SERVICE, whole, sizeof(whole) - 1);
	put(data[0] % PLAN, data + 2, size - 2);
	pid_t pid = fork();
	if (pid == 0)
		in_child(data[1] % (sizeof(modes) / sizeof(*modes)));
	if (pid < 0)
		abort();
	while (waitpid(pid, &status, 0) != pid) /* the fuzzer's alarm interrupts it */
		if (errno != EINTR)
			abort();
	if (!WIFEXITED(status))
		abort();
	if (WEXITSTATUS(status) > EXIT_USAGE && WEXITSTATUS(status) != EXIT_SYSTEM)
		abort();
	memcpy(counted, counters, (size_t)(counted_end - counted));
	return 0;
}
