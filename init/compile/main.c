/* SPDX-License-Identifier: MIT
 * bulkhead-compile: service files into a plan. It reads files that others may have written, so it
 * first gives up what it does not need. Exit status: 0; 1 a file has an error; 2 usage; 5 a running
 * service lacks a wall; 6 the plan was made but had no room for all services; 111 the system
 * failed.
 */
#include "base/count.h"
#include "base/digest.h"
#include "base/feature.h"
#include "base/num.h"
#include "base/version.h"
#include "compile/arguments.h"
#include "compile/check/check.h"
#include "compile/confine.h"
#include "compile/emit/emit.h"
#include "compile/emit/merge.h"
#include "compile/files/files.h"
#include "compile/machine/machine.h"
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include "compile/unit/users.h"
#include "plan/dump.h"
#include "plan/sources.h"
#include "print/escape.h"
#include "report/calendar/calendar.h"
#include "report/explain/explain.h"
#include "report/inforce/inforce.h"
#include "report/learned/learned.h"
#include "report/security/security.h"
#include "report/selinux/cil.h"
#include <errno.h>
#include <getopt.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_FILES 1
#define EXIT_USAGE 2
#define EXIT_MISSING 5 /* a running service lacks what it asked for */
#define MAX_RECORD_KB 4096
#define PLAN_MODE 0600 /* environments and commands are in it */

static int report_errno(const char *what, int err)
{
	fprintf(stderr, "bulkhead-compile: %s: %s\n", what, strerror(err < 0 ? -err : err));
	return EXIT_SYSTEM;
}

/* ---- actions ---- */

static struct set all;
static struct machine machine; /* for which they are compiled */

static void finish_services(void)
{
	check_assign_ids(&all);
	for (size_t i = 0; i < all.count; i++) {
		diag_silence(all.service[i]->extra);
		check_service(all.service[i], &machine);
	}
	check_slices(&all);
	diag_silence(false);
	check_together(&all);
	if (CONFIG_SOCKETS)
		sockets_check_together(&all);
	graph_resolve(&all);
	if (CONFIG_TIMERS)
		timer_check_together(&all);
}

/* All services of the root. extra: they are there for others, or for a question. */
static void load_all(bool extra)
{
	machine_read(&machine);
	load_root(&all, extra, machine.log_ring_kb);
	finish_services();
}

static bool any_refused(void)
{
	for (size_t i = 0; i < all.count; i++)
		if (all.service[i]->diag.errors > 0 && !all.service[i]->extra)
			return true;
	return false;
}

static int no_service(const char *name, const char *hint)
{
	char safe[256];
	fprintf(stderr, "bulkhead-compile: there is no service \"%s\"%s\n",
		text_safe(safe, sizeof(safe), name), hint);
	return EXIT_FILES;
}

/* One service as on this machine, tried without PID 1: the others are there for its ids, and it
 * waits for nobody. */
static int load_alone(const struct arguments *o)
{
	diag_silence(true);
	machine_read(&machine);
	diag_silence(false);
	if (o->file)
		load_file(&all, o->file);
	else if (load_named(&all, o->service) < 0)
		return no_service(o->service, "");
	diag_silence(true);
	load_root(&all, true, machine.log_ring_kb);
	diag_silence(false);
	for (size_t i = 0; i < all.count; i++) {
		all.service[i]->unit.edges = 0;
		timer_init(&all.service[i]->timer); /* it runs now */
		/* it is PID 1 that makes file systems below /run */
		all.service[i]->filesystem.runtime_size = NUM_INFINITY;
		/* refused: nothing of it is checked or written, which takes time for each */
		if (all.service[i]->extra)
			all.service[i]->diag.errors++;
	}
	return 0;
}

/* The lines that a record asks for, for the one service that is not only there for others' sake. */
static int print_learned(const struct arguments *o)
{
	static struct learned learned;
	struct diag d = {0};
	struct span text;
	unsigned line = 0;
	diag_place(&d, o->learned, 0, NULL, NULL);
	if (files_read(o->learned, true, MAX_RECORD_KB, &text, &d) < 0)
		return report_errno(o->learned, ENOENT);
	char *lines = diag_text("%.*s", SPAN_ARGS(text));
	if (strlen(lines) != text.n || !learned_read(&learned, lines, &line)) {
		fprintf(stderr, "%s:%u: this is no line of a record\n", o->learned, line);
		return EXIT_FILES;
	}
	diag_flush();
	for (size_t i = 0; i < all.count; i++)
		if (!all.service[i]->extra)
			learned_print(&learned, all.service[i], o->grant, stdout);
	return any_refused() ? EXIT_FILES : 0;
}

static int compile(const struct arguments *o)
{
	unsigned char *bytes = NULL;
	uint64_t digest = 0;
	int err = 0;
	/* first: what changes meanwhile makes the plan stale, not wrong */
	if (files_have_root() && !o->file)
		err = digest_sources(files_root(), plan_sources, &digest);
	if (err < 0)
		return report_errno("the digest of the service files", err);
	if (o->alone) {
		err = load_alone(o);
		if (err != 0)
			return err;
	} else if (o->file) {
		load_file(&all, o->file);
	} else {
		machine_read(&machine);
		load_root(&all, false, machine.log_ring_kb);
	}
	finish_services();
	if (o->fd < 0 && !o->alone)
		notes_on_root(&all);
	if (CONFIG_LEARN && o->learned)
		return print_learned(o);
	/* what is wrong with one service has been said, and the machine is not asked about */
	diag_silence(o->alone);
	size_t size = emit_plan(&all, &machine, o->arch, digest, &bytes);
	diag_silence(false);
	if (CONFIG_RELOAD && size > 0 && o->in_force >= 0)
		size = merge_running(o->in_force, o->keep, o->arch, size, &bytes);
	if (size == 0)
		return EXIT_SYSTEM;
	/* A file that makes nothing at all is no plan; of a whole root what is good is worth
	 * starting. */
	if ((o->strict && diag_total() > 0) || ((o->file || o->alone) && any_refused()))
		return EXIT_FILES;
	err = o->output ? output_file(o->output, bytes, size, PLAN_MODE)
					: output_write(o->fd, bytes, size);
	if (err < 0)
		return report_errno(o->output ? o->output : "the plan", err);
	return all.left_out && !o->alone ? PLAN_LEFT_OUT : 0;
}

static int check(const struct arguments *o)
{
	unsigned char *bytes = NULL;
	bool named = *o->files;
	users_trust_names();
	diag_silence(named);
	machine_read(&machine);
	diag_silence(false);
	for (char **file = o->files; *file; file++)
		load_file(&all, *file);
	diag_silence(named);
	load_root(&all, named, machine.log_ring_kb);
	diag_silence(false);
	finish_services();
	notes_on_root(&all);
	/* What only shows when a plan is made: the machine's part, its size. */
	if (!named && emit_plan(&all, &machine, o->arch, 0, &bytes) == 0)
		return EXIT_FILES;
	return diag_total() > 0 ? EXIT_FILES : 0;
}

static struct service *find_named(const char *name)
{
	struct nearest near;
	struct service *s = set_find(&all, span_of(name));
	if (s)
		return s;
	diag_flush();
	no_service(name, set_hint(&all, span_of(name), &near));
	return NULL;
}

static int explain(const struct arguments *o)
{
	struct service *s;
	struct inforce *inforce = NULL;
	const char *name = o->subject;
	diag_silence(true);
	if (!load_word(&all, &name))
		return EXIT_FILES;
	load_all(true);
	s = find_named(name);
	if (!s)
		return EXIT_FILES;
	if (CONFIG_IN_FORCE && o->pid >= 0 && s->unit.type != TYPE_GROUP)
		inforce = inforce_read(s, o->pid, o->absent);
	explain_service(s, inforce,
		CONFIG_JSON && o->json ? EXPLAIN_JSON
			: o->full          ? EXPLAIN_FULL
							   : EXPLAIN_BRIEF);
	return CONFIG_IN_FORCE && inforce && inforce_missing(inforce) ? EXIT_MISSING : 0;
}

static int security(const struct arguments *o)
{
	diag_silence(true);
	for (char **name = o->files; *name; name++)
		if (!load_word(&all, (const char **)name))
			return EXIT_FILES;
	load_all(true);
	for (char **name = o->files; *name; name++)
		if (!find_named(*name))
			return EXIT_FILES;
	return security_print(&all, o->files, CONFIG_JSON && o->json, o->limit) ? 0 : EXIT_FILES;
}

/* As for the plan: a service with an error is left out, and the others are not. */
static int write_modules(const struct arguments *o)
{
	unsigned errors = 0;
	char *text = NULL;
	size_t n = 0;
	load_all(false);
	for (char **name = o->files; *name; name++) {
		struct service *s = find_named(*name);
		if (!s || s->diag.errors > 0)
			return EXIT_FILES;
		s->module = true;
	}
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return report_errno("memory", errno);
	errors = cil_write(&all, o->files, out);
	if (fclose(out) != 0)
		return report_errno("memory", errno);
	diag_flush();
	if (errors > 0 || (o->strict && diag_total() > 0))
		return EXIT_FILES;
	int err = o->output ? output_file(o->output, (const unsigned char *)text, n, 0644)
						: output_write(STDOUT_FILENO, (const unsigned char *)text, n);
	return err < 0 ? report_errno(o->output ? o->output : "standard output", err) : 0;
}

static int dump(const char *path)
{
	unsigned char *bytes = aligned_alloc(8, CONFIG_MAX_PLAN_KB * 1024u + 8);
	FILE *in = fopen(path, "rb");
	struct plan p;
	if (!bytes || !in)
		return report_errno(path, errno);
	size_t n = fread(bytes, 1, CONFIG_MAX_PLAN_KB * 1024u + 8, in);
	enum plan_error e = plan_open(&p, bytes, n, 0);
	fclose(in);
	if (e != PLAN_OK) {
		fprintf(stderr, "%s: %s\n", path, plan_error_text(e));
		return EXIT_FILES;
	}
	plan_dump(&p, stdout);
	return 0;
}

static int list(const struct arguments *o)
{
	(CONFIG_JSON && o->json ? directive_list_json
			: o->mdoc       ? directive_list_mdoc
							: directive_list)(o->device ? machine_directives : directives);
	return 0;
}

static int use_root(const struct arguments *o)
{
	const char *root = o->root ? o->root : "/";
	/* One file alone stands for itself; and on a machine that has no bulkhead there is nothing
	 * to look things up in. */
	bool named = *o->files || (o->action == ACTION_EXPLAIN && load_is_file(o->subject));
	if (!o->root && (o->file || (named && access("/usr/lib/bulkhead", F_OK) < 0)))
		root = NULL;
	int err = files_set_root(root);
	return err < 0 ? report_errno(root, err) : 0;
}

/* Whether the options of Kconfig are built that the command line needs. */
static bool has_all(const struct arguments *o)
{
	const struct {
		bool asked;
		unsigned option;
	} asked[] = {
		{o->action == ACTION_DUMP, OF(PLAN_DUMP)},
		{o->action == ACTION_CALENDAR, OF(TIMERS)},
		{o->action == ACTION_EXPLAIN, OF(EXPLAIN)},
		{o->action == ACTION_LIST, OF(MANUAL)},
		{o->action == ACTION_SELINUX, OF(SELINUX_MODULES)},
		{o->action == ACTION_SECURITY, OF(SECURITY)},
		{o->learned, OF(LEARN)},
		{o->json, OF(JSON)},
	};
	for (size_t i = 0; i < COUNT(asked); i++) {
		if (!asked[i].asked || feature_is_built(asked[i].option))
			continue;
		fprintf(stderr, "bulkhead-compile: " FEATURE_WITHOUT " %s\n",
			feature_name(asked[i].option));
		return false;
	}
	return true;
}

/* What the command line asks for: the exit status. */
static int act(const struct arguments *o)
{
	if (o->action == ACTION_HELP)
		return fputs(arguments_usage, stdout) < 0 ? EXIT_FILES : 0;
	if (!has_all(o))
		return EXIT_USAGE;
	if (seccomp_target(o->arch) < 0)
		return report_errno("this architecture", ENOSYS);
	if (CONFIG_PLAN_DUMP && o->action == ACTION_DUMP)
		return dump(o->subject);
	if (CONFIG_MANUAL && o->action == ACTION_LIST)
		return list(o);
	if (CONFIG_TIMERS && o->action == ACTION_CALENDAR)
		return calendar_print(o->subject, o->base_time) ? 0 : EXIT_FILES;
	machine_init(&machine);
	int status = use_root(o);
	if (status != 0)
		return status;
	if (atexit(diag_flush) != 0)
		return report_errno("atexit", ENOMEM);
	return o->action == ACTION_CHECK                            ? check(o)
		: CONFIG_EXPLAIN && o->action == ACTION_EXPLAIN         ? explain(o)
		: CONFIG_SELINUX_MODULES && o->action == ACTION_SELINUX ? write_modules(o)
		: CONFIG_SECURITY && o->action == ACTION_SECURITY       ? security(o)
																: compile(o);
}

int main(int argc, char **argv)
{
	struct arguments o = {.fd = -1,
		.pid = -1,
		.in_force = -1,
		.keep = -1,
		.limit = SECURITY_MAX_SCORE,
		.arch = plan_native_arch()};
	int err = confine();
	if (err < 0)
		return report_errno("cannot confine itself", err);
	int version = version_asked("bulkhead-compile", argc, argv);
	if (version >= 0)
		return version;
	if (!arguments_read(&o, argc, argv)) {
		fputs(arguments_usage, stderr);
		return EXIT_USAGE;
	}
	int status = act(&o);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fputs("bulkhead-compile: the output could not be written\n", stderr);
	return status ? status : EXIT_FILES;
}
