/* SPDX-License-Identifier: MIT
 * Opening the sockets of [Socket] by the plan, in the namespaces of who calls this: PID 1, or
 * bulkhead-try in its place. What is returned blocks, is close-on-exec and listens already. open.c:
 * sockets; file.c: their files and FIFOs; label.c: SELinux.
 */
#pragma once
#include "plan/plan.h"
#include "walls/apply.h"

struct sockets_label {
	const char *context; /* NULL: what the policy says */
	bool required;       /* without it there is no socket; else why->absent has OPTIONAL_SELINUX */
};

/* SocketContext, for what is made for this service; `policy`: there is one to know it. */
struct sockets_label sockets_label_for(const struct plan *p, const struct plan_service *ps,
	bool policy);
/* The descriptor, or -errno. What lay at its path is replaced if it was a socket, and used if it is
 * a FIFO that shall be one; anything else stays and is an error. Directories that lack below
 * /run are made. Never waits, and follows no symbolic link. */
int sockets_open(const struct plan *p, const struct plan_socket *s,
	const struct sockets_label *label, struct wall_why *why);
/* The file of a socket that has been closed; a FIFO stays. */
void sockets_remove(const struct plan *p, const struct plan_socket *s);

/* From here on what this thread makes has this label; afterwards what the policy says, always. 0
 * or -errno. */
int sockets_label_begin(const struct sockets_label *label, struct wall_why *why);
void sockets_label_end(const struct sockets_label *label);

/* For open.c alone. */
int sockets_file_bind(int fd, const struct plan *p, const struct plan_socket *s, int directory,
	const char *name, struct wall_why *why);
int sockets_file_fifo(const struct plan *p, const struct plan_socket *s, int directory,
	const char *name, struct wall_why *why);
/* The directory of a path, O_PATH; *name is what is behind it. */
int sockets_file_parent(const char *path, bool make, const char **name, struct wall_why *why);
