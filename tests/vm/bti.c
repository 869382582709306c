/* SPDX-License-Identifier: MIT
 * A program of 64-bit ARM with branch target identification, linked with glibc: says whether the
 * kernel checks the targets of branches in its own pages (the flag `bt` of proc_pid_smaps(5)).
 * Without libc's headers and start files, which the cross compiler's package does not bring.
 */
int open(const char *path, int flags);
long read(int fd, void *to, unsigned long n);
int printf(const char *format, ...);
char *strstr(const char *text, const char *word);
char *strchr(const char *text, int c);
void exit(int status) __attribute__((noreturn));

static char text[65536];

void _start(void);
void _start(void)
{
	unsigned long n = 0;
	int fd = open("/proc/self/smaps", 0);
	for (long got; fd >= 0 && (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0;)
		n += (unsigned long)got;
	char *own = strstr(text, " r-xp "), *end = own ? strchr(own, '\n') : 0;
	char *flags = end ? strstr(end, "VmFlags:") : 0, *last = flags ? strchr(flags, '\n') : 0;
	if (!last)
		exit(1);
	*end = *last = 0;
	printf("%s: %s\n", strchr(own, '/'), strstr(flags, " bt") ? "guarded" : "not guarded");
	exit(0);
}
