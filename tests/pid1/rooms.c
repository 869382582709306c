/* SPDX-License-Identifier: MIT
 * See rooms.h. */
#include "pid1/rooms.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define PARTS 4096
#define WORDS 512 /* of the stack */
#define OBJECTS "/obj/"

static struct part {
	unsigned long start, end;
	int room;
} parts[PARTS];
static int part_count, room_count;
static char names[ROOMS][40];
static long *points; /* by room, of all lives */

static int room_of(const char *path)
{
	char name[40];
	const char *at = strstr(path, OBJECTS);
	if (!at)
		return -1;
	at += strlen(OBJECTS);
	if (strncmp(at, "pid1/", 5) != 0 && strncmp(at, "engine/", 7) != 0)
		return -1;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "."), at);
	for (int i = 0; i < room_count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	if (room_count == ROOMS)
		return -1;
	snprintf(names[room_count], sizeof(names[0]), "%s", name);
	return room_count++;
}

/* " .text.NAME", and there or in the next line where, how long, and from which file. */
bool rooms_read(const char *build)
{
	char path[512], line[1024], file[512];
	unsigned long start, size;
	bool text = false;
	snprintf(path, sizeof(path), "%s/unstripped/init.map", build);
	FILE *f = fopen(path, "re");
	points = mmap(NULL, ROOMS * sizeof(*points), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	if (!f || points == MAP_FAILED)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == ' ' && line[1] == '.')
			text = strncmp(line, " .text", 6) == 0;
		const char *at = strstr(line, " 0x");
		if (!text || !at || sscanf(at, "%lx %lx %511s", &start, &size, file) != 3 || !start ||
			!size)
			continue;
		int room = room_of(file);
		if (room >= 0 && part_count < PARTS)
			parts[part_count++] = (struct part){start, start + size, room};
	}
	fclose(f);
	return part_count > 0;
}

static int room_at(unsigned long address)
{
	for (int i = 0; i < part_count; i++)
		if (address > parts[i].start && address <= parts[i].end)
			return parts[i].room;
	return -1;
}

int rooms_of(pid_t pid, unsigned long sp)
{
	unsigned long words[WORDS];
	struct iovec here = {words, sizeof(words)}, there = {(void *)sp, sizeof(words)};
	ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(*words); i++) {
		int room = room_at(words[i]);
		if (room >= 0)
			return room;
	}
	return -1;
}

void rooms_count(int room)
{
	if (room >= 0)
		__atomic_add_fetch(&points[room], 1, __ATOMIC_SEQ_CST);
}

void rooms_say(void)
{
	printf("# points by file of init/pid1 and init/engine:");
	for (int i = 0; i < room_count; i++)
		if (points[i])
			printf(" %s %ld", names[i], points[i]);
	printf("; without one:");
	for (int i = 0; i < room_count; i++)
		if (!points[i])
			printf(" %s", names[i]);
	printf("\n");
}
