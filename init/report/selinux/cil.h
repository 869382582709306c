/* SPDX-License-Identifier: MIT
 * `--selinux`: a service file as a module of the SELinux policy, in CIL. A module grants what the
 * file opens and nothing else, by the macros of rootfs/selinux/service.cil. Whether modules and
 * base fit together is checked by secilc.
 */
#pragma once
#include "compile/unit/service.h"
#include "walls/module.h"
#include <stdio.h>

#define CIL_NAME 64 /* bytes of a type's name */

struct cil { /* a module while it is written */
	FILE *out;
	const struct set *set;
	const struct service *s;
	char name[CIL_NAME]; /* the domain's name without _t */
	char domain[CIL_NAME];
	const char *why;  /* comment for the next rule */
	const char *said; /* the last comment written */
	char **line;      /* rules so far, to leave out duplicates */
	size_t lines;
	unsigned errors;
	bool programs; /* it has a program of its own, whose label enters the domain */
};

/* Writes the modules of the services named, or of every service whose SELinuxContext names a domain
 * of its own (NAME_t). Returns the number of errors, which were reported. */
unsigned cil_write(const struct set *set, char *const *names, FILE *out);

/* Reports that no correct module is possible. */
void cil_error(struct cil *c, const char *directive, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* NAME of NAME@INSTANCE, as far as CIL can spell it. */
void cil_own_name(const struct service *s, char name[static CIL_NAME]);
/* Whether the service's SELinuxContext names the domain of that name. */
bool cil_names_own(const struct service *s, const char *name);
/* The domain, without _t, of a service that gets a module; false: it gets none. */
bool cil_name(const struct service *s, char name[static CIL_NAME]);
/* Writes a path as the regular expression of a file context. */
void cil_regex(struct span path, char *buf, size_t cap);

void cil_descriptors(struct cil *c); /* cil_files.c: standard input, output and error */
void cil_sockets(struct cil *c);     /* cil_sockets.c: sockets that PID 1 passes on */
bool cil_reach_socket(struct cil *c, struct span path);
