/* SPDX-License-Identifier: MIT
 * Labels of files and sockets that are about to be made: proc_pid_attr(5). An execve resets both,
 * so a crash in between leaves nothing behind.
 */
#include "base/count.h"
#include "base/sys.h"
#include "sockets/sockets.h"
#include <fcntl.h>
#include <string.h>

static const char *const files[] = {"/proc/thread-self/attr/sockcreate",
	"/proc/thread-self/attr/fscreate"};
#define FILES COUNT(files)

static int write_both(const char *text)
{
	int err = 0;
	for (size_t i = 0; i < FILES && err == 0; i++)
		err = sys_write_file(AT_FDCWD, files[i], text, strlen(text));
	return err;
}

struct sockets_label sockets_label_for(const struct plan *p, const struct plan_service *ps,
	bool policy)
{
	const char *context = plan_text(p, ps->socket_context);
	return (
		struct sockets_label){context[0] && policy ? context : NULL, ps->flags & SERVICE_LABELLED};
}

int sockets_label_begin(const struct sockets_label *label, struct wall_why *why)
{
	int err = label->context ? write_both(label->context) : 0;
	if (err == 0)
		return 0;
	sockets_label_end(label);
	if (label->required)
		return wall_failed(why, err, label->context);
	why->absent |= OPTIONAL_SELINUX;
	return 0;
}

void sockets_label_end(const struct sockets_label *label)
{
	for (size_t i = 0; i < FILES && label->context; i++)
		sys_write_file(AT_FDCWD, files[i], "\n", 1); /* no context */
}
