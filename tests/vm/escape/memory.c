/* SPDX-License-Identifier: MIT
 * Ways to run code that is not in the image: memory that is written and then executed, files that
 * are.
 */
#include "escape.h"
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

/* Gives 42 back. */
#ifdef __aarch64__
static const uint32_t code[] = {0x52800540 /* mov w0, #42 */, 0xd65f03c0 /* ret */};
#elif defined __arm__
static const uint16_t code[] = {0x202a /* movs r0, #42 */, 0x4770 /* bx lr */};
/* in the address of what is called; instructions of 16 bits need no more than that they are at even
 * ones */
#define THUMB 1u
#else
static const unsigned char code[] = {0xb8, 42, 0, 0, 0 /* mov eax, 42 */, 0xc3 /* ret */};
#endif
#ifndef THUMB
#define THUMB 0u
#endif

static int call(void *at)
{
	int (*f)(void) = (int (*)(void))((uintptr_t)at | THUMB);
	__builtin___clear_cache((char *)at, (char *)at + sizeof(code));
	return f();
}

/* Run it: only that counts. */
static int ran(const char *what, void *at)
{
	return call(at) == 42 ? escaped(what) : blocked_by(what, "something else ran");
}

static int write_and_execute(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0);
	if (p == MAP_FAILED)
		return blocked("mmap");
	memcpy(p, code, sizeof(code));
	return ran("mmap", p);
}

static void *written(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : memcpy(p, code, sizeof(code));
}

static int protect(void)
{
	void *p = written();
	if (!p || mprotect(p, PAGE, PROT_READ | PROT_EXEC))
		return blocked("mprotect");
	return ran("mprotect", p);
}

static int protect_key(void)
{
	void *p = written();
	if (!p || syscall(SYS_pkey_mprotect, p, PAGE, PROT_READ | PROT_EXEC, -1))
		return blocked("pkey_mprotect");
	return ran("pkey_mprotect", p);
}

static int plain_data(void)
{
	void *p = written();
	return p ? ran("data", p) : blocked("mmap");
}

static int stack_exec(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)(PAGE - 1);
	return unless("mprotect of the stack",
		mprotect((void *)here, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* The program's own code, made writable. */
static int patch_code(void)
{
	uintptr_t here = (uintptr_t)&call & ~(uintptr_t)(PAGE - 1);
	return unless("mprotect of code",
		mprotect((void *)here, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
}

static int map_file(const char *what, int fd)
{
	if (fd < 0 || write(fd, code, sizeof(code)) != sizeof(code))
		return blocked(what);
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	return p == MAP_FAILED ? blocked(what) : ran(what, p);
}

static int map_memfd(void)
{
	return map_file("memfd_create", (int)syscall(SYS_memfd_create, "escape", 0));
}
static int map_memfd_exec(void)
{
	return map_file("memfd_create", (int)syscall(SYS_memfd_create, "escape", 0x10 /* MFD_EXEC */));
}
static int map_tmp(void)
{
	return map_file("/tmp", open("/tmp/escape-code", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700));
}
static int map_var_tmp(void)
{
	return map_file("/var/tmp",
		open("/var/tmp/escape-code", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700));
}
static int map_shm(void)
{
	return map_file("/dev/shm",
		open("/dev/shm/escape-code", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700));
}
static int map_unnamed(void)
{
	return map_file("O_TMPFILE", open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0700));
}

/* One mapping to write through, one to execute: W^X of each, and not of the page. */
static int map_twice(void)
{
	int fd = (int)syscall(SYS_memfd_create, "escape", 0);
	if (fd < 0)
		fd = open("/dev/shm/escape-twice", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (fd < 0 || ftruncate(fd, PAGE))
		return blocked("a file in memory");
	char *w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
		 *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (w == MAP_FAILED || x == MAP_FAILED)
		return blocked("mmap");
	memcpy(w, code, sizeof(code));
	return ran("mmap", x);
}

static int shared_exec(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
	void *p = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_EXEC);
	int saved = errno;
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	errno = saved;
	if (p == (void *)-1)
		return blocked("shmat");
	memcpy(p, code, sizeof(code));
	return ran("shmat", p);
}

/* /proc/self/mem writes where the page tables forbid it (FOLL_FORCE): into the program's own
 * code. */
static int patch_by_proc(void)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return blocked("/proc/self/mem");
	uintptr_t own = (uintptr_t)&patch_code & ~(uintptr_t)THUMB;
	if (pwrite(fd, code, sizeof(code), (off_t)own) != sizeof(code))
		return blocked("/proc/self/mem");
	return ran("/proc/self/mem", (void *)own);
}

static int copy_self(int to)
{
	static char buf[65536];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t n;
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			return -1;
	close(from);
	return n < 0 ? -1 : 0;
}

/* A copy could be any program: it runs with the word that asks for its power, and answers. */
static int run_copy(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (fd < 0 || copy_self(fd))
		return blocked(path);
	close(fd);
	int status = run_again(path, "--power");
	unlink(path);
	if (status >= 0)
		return escaped(path);
	errno = -status;
	return blocked(path);
}

static int run_tmp(void)
{
	return run_copy("/tmp/escape-copy");
}
static int run_var_tmp(void)
{
	return run_copy("/var/tmp/escape-copy");
}
static int run_shm(void)
{
	return run_copy("/dev/shm/escape-copy");
}

static int run_memfd(void)
{
	int fd = (int)syscall(SYS_memfd_create, "escape", 0);
	if (fd < 0 || copy_self(fd))
		return blocked("memfd_create");
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int status = run_again(path, "--power");
	if (status >= 0)
		return escaped("execve");
	errno = -status;
	return blocked("execve");
}

static int run_memfd_at(void)
{
	char *argv[] = {(char *)"escape", (char *)"--power", NULL}, *environment[] = {NULL};
	int fd = (int)syscall(SYS_memfd_create, "escape", 1);
	if (fd < 0 || copy_self(fd))
		return blocked("memfd_create");
	pid_t pid = fork();
	if (pid == 0) {
		syscall(SYS_execveat, fd, "", argv, environment, 0x1000 /* AT_EMPTY_PATH */);
		_exit(100);
	}
	int status = 0;
	syscall(SYS_wait4, pid, &status, 0, NULL);
	return status == 100 << 8 ? blocked_by("execveat", "refused") : escaped("execveat");
}

static int run_script(void)
{
	int fd = open("/tmp/escape-script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (fd < 0 || write(fd, "#!/usr/libexec/escape --power\n", 30) != 30)
		return blocked("/tmp");
	close(fd);
	int status = run_again("/tmp/escape-script", "--power");
	if (status >= 0)
		return escaped("it ran");
	errno = -status;
	return blocked("execve");
}

static int move_addresses(void)
{
	return gate("PR_SET_MM", prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, 4095ul, 0ul, 0ul));
}

const struct probe memory_probes[] = {
	{"wx-mmap", "memory both written and executed", write_and_execute, OUTSIDE},
	{"wx-mprotect", "memory written, then executed", protect, OUTSIDE},
	{"wx-pkey-mprotect", "the same by pkey_mprotect(2)", protect_key, OUTSIDE},
	{"wx-data", "plain data executed", plain_data, FAULTS},
	{"wx-stack", "an executable stack", stack_exec, OUTSIDE},
	{"wx-patch", "its own code made writable", patch_code, OUTSIDE},
	{"wx-memfd", "code from a memfd", map_memfd, OUTSIDE},
	{"wx-memfd-exec", "code from a memfd that says it is executable", map_memfd_exec, 0},
	{"wx-tmp", "code from a file of /tmp", map_tmp, 0},
	{"wx-var-tmp", "code from a file of /var/tmp", map_var_tmp, 0},
	{"wx-shm", "code from a file of /dev/shm", map_shm, 0},
	{"wx-tmpfile", "code from an unnamed file", map_unnamed, 0},
	{"wx-twice", "one page mapped twice, to write and to execute", map_twice, OUTSIDE},
	{"wx-sysv", "executable System V memory", shared_exec, OUTSIDE},
	{"wx-proc-mem", "its own code patched by /proc/self/mem", patch_by_proc, OUTSIDE},
	{"exec-tmp", "a program put into /tmp", run_tmp, 0},
	{"exec-var-tmp", "a program put into /var/tmp", run_var_tmp, 0},
	{"exec-shm", "a program put into /dev/shm", run_shm, 0},
	{"exec-memfd", "a program in a memfd", run_memfd, OUTSIDE},
	{"exec-memfd-at", "a program in a memfd, by execveat(2)", run_memfd_at, OUTSIDE},
	{"exec-script", "a script put into /tmp, run by its first line", run_script, 0},
	{"prctl-set-mm", "another program in one's own name", move_addresses, OUTSIDE},
	{0},
};
