/* SPDX-License-Identifier: MIT
 * Compile half of [SELinux].
 */
#pragma once
#include "walls/compile.h"
#include "walls/selinux/selinux.h"

struct selinux_conf {
	struct span context;
	struct span directory; /* DirectoryContext */
	/* SocketContext: for PID 1, and outside of the wall's part of the plan */
	struct span socket;
	bool required;
};

void selinux_conf_init(struct selinux_conf *conf);
wall_setter selinux_set_context, selinux_set_directory_context, selinux_set_socket_context;
/* The type in user:role:type[:level]; empty if there is none. */
struct span selinux_type(struct span context);
struct plan_blob selinux_encode(const struct selinux_conf *conf, const struct wall_context *context,
	struct plan_writer *w);
