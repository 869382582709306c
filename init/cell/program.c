/* SPDX-License-Identifier: MIT
 * Why a program could not be executed. The kernel's errno is the same for a missing program and for
 * one whose interpreter or loader is missing. The service's process has its filter by then and
 * cannot look. The reaper can, in the same view, and never runs what it looks at.
 */
#include "base/fmt.h"
#include "base/sys.h"
#include "cell/cell.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define HEAD 256     /* of a #! line the kernel reads as much (BINPRM_BUF_SIZE) */
#define HEADERS 64   /* program headers; the loader's comes among the first */
#define NAME_ROOM 80 /* of what a report has room for */

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Ehdr elf_head;
typedef Elf64_Phdr elf_part;
#define NATIVE_CLASS ELFCLASS64
#else
typedef Elf32_Ehdr elf_head;
typedef Elf32_Phdr elf_part;
#define NATIVE_CLASS ELFCLASS32
#endif

static int say_why(struct cell *c, const char *path, const char *about, const char *name)
{
	char text[sizeof(c->why.text)];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_strs(&f, about, name, NULL);
	return wall_failed2(&c->why, c->err, path, text);
}

/* Of "#! /bin/sh -e" the path. *cr: the kernel takes a carriage return for a part of it. */
static bool script_interpreter(const char *head, char *name, size_t cap, bool *cr)
{
	if (strncmp(head, "#!", 2) != 0)
		return false;
	const char *at = head + 2 + strspn(head + 2, " \t");
	size_t n = strcspn(at, " \t\r\n");
	if (n == 0 || n >= cap)
		return false;
	memcpy(name, at, n);
	name[n] = '\0';
	*cr = at[n] == '\r';
	return true;
}

/* PT_INTERP of a program of our own class; of others the kernel's word has to do. */
static bool elf_loader(int fd, const void *bytes, char *name, size_t cap)
{
	elf_head head;
	elf_part part;
	memcpy(&head, bytes, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != NATIVE_CLASS ||
		head.e_phentsize != sizeof(part))
		return false;
	for (unsigned i = 0; i < head.e_phnum && i < HEADERS; i++) {
		if (pread(fd, &part, sizeof(part), (off_t)(head.e_phoff + i * sizeof(part))) !=
			sizeof(part))
			return false;
		if (part.p_type != PT_INTERP)
			continue;
		size_t n = part.p_filesz;
		return n > 1 && n <= cap && pread(fd, name, n, (off_t)part.p_offset) == (ssize_t)n &&
			name[n - 1] == '\0';
	}
	return false;
}

static int look_inside(struct cell *c, int fd, const char *path)
{
	char head[HEAD + 1] = "", name[NAME_ROOM];
	bool cr = false;
	struct statvfs st;
	if (c->err == -EACCES)
		return fstatvfs(fd, &st) == 0 && st.f_flag & ST_NOEXEC
			? say_why(c, path, "is on a file system mounted noexec", "")
			: c->err;
	if (pread(fd, head, HEAD, 0) < 0)
		return c->err;
	if (c->err == -ENOEXEC)
		return say_why(c, path,
			memcmp(head, ELFMAG, SELFMAG) ? "neither is a program nor names an interpreter (#!)"
										  : "is a program for another machine",
			"");
	if (script_interpreter(head, name, sizeof(name), &cr))
		return say_why(c, path,
			cr ? "ends its first line in a carriage return: "
			   : "needs an interpreter (#!) that does not exist: ",
			name);
	if (elf_loader(fd, head, name, sizeof(name)))
		return say_why(c, path, "needs a loader that does not exist: ", name);
	return c->err;
}

int cell_explain_exec(struct cell *c)
{
	const char *path = plan_text(&c->plan, c->command->path);
	struct stat st;
	if (c->err != -ENOENT && c->err != -ENOEXEC && c->err != -EACCES)
		return c->err;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? say_why(c, path, "is not there", "") : c->err;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		look_inside(c, fd, path);
	close(fd);
	return c->err;
}
