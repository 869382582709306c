/* SPDX-License-Identifier: MIT
 * Opening the sockets of [Socket] by the plan, in the namespaces of the caller, which is PID 1 or
 * bulkhead-try. The descriptors block, are close-on-exec, and listen. open.c: sockets; file.c:
 * their files and FIFOs; label.c: SELinux.
 */
#pragma once
#include "plan/plan.h"
#include "walls/apply.h"

struct sockets_label {
	const char *context; /* NULL: the policy decides */
	/* a failure to set it is an error; otherwise why->absent has OPTIONAL_SELINUX */
	bool required;
};

/* SocketContext of the service, for sockets_open(). `policy`: a policy is loaded. */
struct sockets_label sockets_label_for(const struct plan *p, const struct plan_service *ps,
	bool policy);
/* Opens one socket. Returns a descriptor, which is the caller's, or -errno. A socket at its path is
 * replaced, a FIFO is used if one is asked for, and anything else stays and is an error. Missing
 * directories below /run are made. Never waits, and follows no symbolic link. */
int sockets_open(const struct plan *p, const struct plan_socket *s,
	const struct sockets_label *label, struct wall_why *why);
/* Removes the file of a socket that was closed; a FIFO stays. */
void sockets_remove(const struct plan *p, const struct plan_socket *s);

/* From _begin on, files and sockets that this thread makes have the label; from _end on the policy
 * decides again. 0 or -errno. */
int sockets_label_begin(const struct sockets_label *label, struct wall_why *why);
void sockets_label_end(const struct sockets_label *label);

/* For open.c alone. */
int sockets_file_bind(int fd, const struct plan *p, const struct plan_socket *s, int directory,
	const char *name, struct wall_why *why);
int sockets_file_fifo(const struct plan *p, const struct plan_socket *s, int directory,
	const char *name, struct wall_why *why);
/* Opens the directory of a path, O_PATH; *name is the last component. `make`: missing directories
 * are made. */
int sockets_file_parent(const char *path, bool make, const char **name, struct wall_why *why);
