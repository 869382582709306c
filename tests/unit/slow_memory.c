/* SPDX-License-Identifier: MIT
 * See slow_memory.h.
 */
#include "unit/slow_memory.h"
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *slow_memory_map(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register region = {.range = {(uintptr_t)p, 4096},
		.mode = UFFDIO_REGISTER_MODE_MISSING};
	if (fd < 0 || p == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) < 0 ||
		ioctl(fd, UFFDIO_REGISTER, &region) < 0)
		return NULL;
	return p;
}

bool slow_memory_waits(pid_t pid)
{
	char path[32], text[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool known = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0;
	close(fd);
	return known && !strstr(text, ") R ");
}
