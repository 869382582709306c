/* SPDX-License-Identifier: MIT
 * Runs bulkctl in a child: see ctl_run.h.
 */
int ctl_main(int argc, char **argv);
#define main ctl_main
#include "ctl/main.c"
#undef main
#include "unit/ctl_run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

char directory[] = "/tmp/test-ctl-XXXXXX";
char socket_path[64];
char out[65536], err[4096];
bool ctl_as_nobody;

pid_t ctl_begin(int out_fd, int err_fd, const char *const *arguments)
{
	char *argv[20] = {"bulkctl", "--socket", socket_path, "--logs", directory};
	int n = 5;
	pid_t pid;
	while (*arguments)
		argv[n++] = (char *)*arguments++;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		unsetenv("LANG");
		unsetenv("LC_ALL");
		unsetenv("LC_CTYPE");
		setenv("TZ", "UTC", 1);
		dup2(out_fd, STDOUT_FILENO);
		dup2(err_fd, STDERR_FILENO);
		if (ctl_as_nobody && setresuid(65534, 65534, 65534) < 0)
			_exit(98);
		n = ctl_main(n, argv);
		fflush(NULL);
		_exit(n);
	}
	return pid;
}

void ctl_slurp(int fd, char *buf, size_t cap)
{
	ssize_t n = pread(fd, buf, cap - 1, 0);
	buf[n > 0 ? n : 0] = '\0';
	close(fd);
}

int ctl_call(const char *first, ...)
{
	const char *arguments[12] = {first};
	int out_fd = memfd_create("out", MFD_CLOEXEC), err_fd = memfd_create("err", MFD_CLOEXEC);
	int status;
	va_list ap;
	va_start(ap, first);
	for (int i = 1; i < 11; i++) {
		arguments[i] = va_arg(ap, const char *);
		if (!arguments[i])
			break;
	}
	va_end(ap);
	assert_true(waitpid(ctl_begin(out_fd, err_fd, arguments), &status, 0) > 0);
	ctl_slurp(out_fd, out, sizeof(out));
	ctl_slurp(err_fd, err, sizeof(err));
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void has(const char *part)
{
	if (!strstr(out, part))
		fail_msg("no \"%s\" in:\n%s", part, out);
}
