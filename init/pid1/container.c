/* SPDX-License-Identifier: MIT
 * Process 1 of a container: see container.h. */
#include "pid1/container.h"
#include <string.h>
#include <sys/stat.h>

#define FIRST_PID_NAMESPACE 0xeffffffcu /* PROC_PID_INIT_INO of the kernel, since 3.8 */
#define VARIABLE "container="

static char *nothing[] = {NULL};
static char **words = nothing, **environment = nothing;
static const char *name = "";
static enum { NOT_ASKED, IS_NONE, IS_ONE } asked;

void container_note(char **given, char **variables)
{
	int n = 0;
	while (n < CONTAINER_WORDS && given[n])
		n++;
	given[n] = NULL;
	words = given;
	environment = variables;
}

static const char *variable(void)
{
	for (char **at = environment; *at; at++)
		if (strncmp(*at, VARIABLE, strlen(VARIABLE)) == 0)
			return *at + strlen(VARIABLE);
	return "";
}

static bool is_contained(void)
{
	struct stat st;
	return *variable() && stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != FIRST_PID_NAMESPACE;
}

bool container_is_around(void)
{
	if (asked == NOT_ASKED) {
		asked = is_contained() ? IS_ONE : IS_NONE;
		name = asked == IS_ONE ? variable() : "";
	}
	return asked == IS_ONE;
}

const char *container_name(void)
{
	return container_here() ? name : "";
}

char *const *container_words(void)
{
	return words;
}

char *const *container_environment(void)
{
	return container_here() ? environment : nothing;
}
