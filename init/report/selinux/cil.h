/* SPDX-License-Identifier: MIT
 * `--selinux`: a service file as a module of the SELinux policy, in CIL. A module grants what its
 * file opens and nothing else; the words it is written with are the macros of
 * rootfs/selinux/service.cil. Whether two modules and the base fit together, secilc says.
 */
#pragma once
#include "compile/unit/service.h"
#include <stdio.h>

#define CIL_NAME 64 /* bytes of a type's name */

struct cil { /* one module while it is written */
	FILE *out;
	const struct set *set;
	const struct service *s;
	uint32_t arch;       /* of the filters, AUDIT_ARCH_* */
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
unsigned cil_write(const struct set *set, char *const *names, uint32_t arch, FILE *out);

/* For the parts. A rule that is there already is left out; a comment shows only if a rule
 * follows. */
void cil_why(struct cil *c, const char *directive);
void cil_rule(struct cil *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that the file opens and the policy does not: on standard error, and in the module as
 * a comment. */
void cil_withheld(struct cil *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The module would be wrong. */
void cil_error(struct cil *c, const char *directive, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The domain of a service that gets a module, without its _t; false: it gets none. */
bool cil_domain(const struct service *s, char name[static CIL_NAME]);
/* A path as a file context's regular expression. */
void cil_path(struct span path, char *buf, size_t cap);

void cil_files(struct cil *c);   /* cil_files.c: directories, paths, standard descriptors */
void cil_powers(struct cil *c);  /* cil_powers.c: capabilities, network, devices, processes */
void cil_sockets(struct cil *c); /* cil_sockets.c: those that PID 1 hands over */
bool cil_reach_socket(struct cil *c, struct span path);
/* The rules by which a service may open a node of /dev. */
void cil_device(struct cil *c, struct span name);
