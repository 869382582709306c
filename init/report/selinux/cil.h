/* SPDX-License-Identifier: MIT
 * `--selinux`: a service file as a module of the SELinux policy, in CIL. A module grants what its
 * file opens and nothing else; the words it is written with are the macros of
 * rootfs/selinux/service.cil. Whether two modules and the base fit together, secilc says.
 */
#pragma once
#include "compile/unit/service.h"
#include "walls/module.h"
#include <stdio.h>

#define CIL_NAME 64 /* bytes of a type's name */

struct cil { /* one module while it is written */
	FILE *out;
	const struct set *set;
	const struct service *s;
	char name[CIL_NAME]; /* of the domain, without its _t */
	char domain[CIL_NAME];
	const char *why;  /* comment that stands before the next rule */
	const char *said; /* the last one that was written */
	char **line;      /* rules so far: none is written twice */
	size_t lines;
	unsigned errors;
	bool programs; /* it has a program of its own, by whose label it is entered */
};

/* The modules of the services named, or of every service whose SELinuxContext names a domain of its
 * own (NAME_t). Returns how many errors there were; what they are has been said. */
unsigned cil_write(const struct set *set, char *const *names, FILE *out);

/* The module would be wrong. */
void cil_error(struct cil *c, const char *directive, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The domain of a service that gets a module, without its _t; false: it gets none. */
bool cil_name(const struct service *s, char name[static CIL_NAME]);
/* A path as a file context's regular expression. */
void cil_regex(struct span path, char *buf, size_t cap);

void cil_descriptors(struct cil *c); /* cil_files.c: standard input, output and error */
void cil_sockets(struct cil *c);     /* cil_sockets.c: those that PID 1 hands over */
bool cil_reach_socket(struct cil *c, struct span path);
