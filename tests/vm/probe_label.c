/* SPDX-License-Identifier: MIT
 * What a domain may do, and what labels things have: probe-label WORD:ARGUMENT... Each prints
 * "WORD:ARGUMENT is RESULT". */
#include "base/errname.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *verdict(int r)
{
	return r >= 0 ? "ALLOWED" : err_name(errno);
}

/* Closing what was never opened would change errno. */
static const char *verdict_of(int fd, int r)
{
	const char *text = verdict(r);
	if (fd >= 0)
		close(fd);
	return text;
}

static const char *do_read(const char *path)
{
	char c;
	int fd = open(path, O_RDONLY);
	int r = fd < 0 ? -1 : (int)read(fd, &c, 1);
	return verdict_of(fd, r);
}

static const char *do_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	int r = fd < 0 ? -1 : (int)write(fd, "x", 1);
	return verdict_of(fd, r);
}

static const char *do_label(const char *path)
{
	static char text[256];
	ssize_t n = lgetxattr(path, "security.selinux", text, sizeof(text) - 1);
	if (n < 0)
		return err_name(errno);
	text[n] = 0;
	return text;
}

static const char *do_bind(const char *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&a, sizeof(a));
	return verdict_of(fd, r);
}

static const char *do_memfd(const char *name)
{
	int fd = (int)syscall(SYS_memfd_create, name, 0);
	int r = fd < 0 || write(fd, "x", 1) != 1 ? -1 : 0;
	if (r == 0 && mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED)
		r = -1;
	return verdict_of(fd, r);
}

static const struct {
	const char *word;
	const char *(*ask)(const char *argument);
} words[] = {{"read", do_read}, {"write", do_write}, {"label", do_label}, {"bind", do_bind},
	{"memfd", do_memfd}};

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *colon = strchr(argv[i], ':');
		for (size_t w = 0; colon && w < sizeof(words) / sizeof(*words); w++)
			if (strncmp(argv[i], words[w].word, (size_t)(colon - argv[i])) == 0)
				printf("%s is %s\n", argv[i], words[w].ask(colon + 1));
	}
	printf("end\n");
	fflush(stdout);
	for (;;)
		pause();
}
