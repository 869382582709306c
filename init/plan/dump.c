/* SPDX-License-Identifier: MIT
 * A plan as text: see dump.h. Lines are "SUBJECT.FIELD = VALUE". Texts are quoted, so that no text
 * of a file can look like another line. The fields and how each is shown are in fields.def. Walls
 * are opaque here; their size and hash show whether one has changed or is shared.
 */
#include "plan/dump.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/hash.h"
#include "plan/dump_record.h"
#include "plan/fields.h"
#include "plan/names.h"
#include <inttypes.h>
#include <sched.h>

enum show {
	PLAIN, /* as its kind is: a number, a quoted text, the name of a service, a list */
	NEVER,
	NONZERO, /* PLAIN, but left out if it is 0 or empty */
	WORD,    /* of a list of words, by value */
	CHOSEN,  /* WORD, but left out if it is the first one */
	FLAGS,   /* of a list of words, by bit */
	SOME,    /* FLAGS, but left out if there are none */
	HEX,
	NAME, /* of a service, without quotes */
	SIGNED,
	SIGNAL,  /* number and name */
	CLONE,   /* CLONE_NEW... */
	OPTIONS, /* of Kconfig, by bit; left out if there are none */
	DATA,    /* plan_machine.data: left out without a target */
	SEED,    /* plan_machine.seed_file, which may be credited */
	FAILURE, /* plan_machine.boot_failure: left out without a time-out */
	RESCUE   /* plan_machine.rescue_shell: left out if it is this build's default */
};

struct shown {
	const char *name;
	enum show how;
	const char *const *words;
};

#define F(record, member, kind, of, least, most, ...) {__VA_ARGS__},
#define A(record, member, kind, of, least, most, ...) {__VA_ARGS__},
#define BEGIN(name) static const struct shown shown_##name[] = {
#define END \
	} \
	;
#include "plan/fields.def"

static const struct shown shown_element[] = {{"", PLAIN, NULL}};

static const struct shown *const shown[PLAN_RECORD_COUNT] = {
	[PLAN_RECORD_TEXT] = shown_element,
	[PLAN_RECORD_STATUS] = shown_element,
	[PLAN_RECORD_EDGE] = shown_EDGE,
	[PLAN_RECORD_CONDITION] = shown_CONDITION,
	[PLAN_RECORD_COMMAND] = shown_COMMAND,
	[PLAN_RECORD_SOCKET] = shown_SOCKET,
	[PLAN_RECORD_STDIO] = shown_STDIO,
	[PLAN_RECORD_TIMER_LINE] = shown_TIMER_LINE,
	[PLAN_RECORD_CALENDAR] = shown_CALENDAR,
	[PLAN_RECORD_TIMER] = shown_TIMER,
	[PLAN_RECORD_PAIR] = shown_PAIR,
	[PLAN_RECORD_MOUNT] = shown_MOUNT,
	[PLAN_RECORD_OVERLAY] = shown_OVERLAY,
	[PLAN_RECORD_MACHINE] = shown_MACHINE,
	[PLAN_RECORD_SERVICE] = shown_SERVICE,
};

struct dump {
	const struct plan *plan;
	FILE *out;
	const char *subject; /* what the lines are about: "plan", "machine" or a service's name */
	const char *prefix;  /* "service " before a service's name, which could be "plan" too */
};

/* One field of one record, while it is shown. */
struct item {
	const struct plan_field *field;
	const struct shown *shown;
	const void *record;
	unsigned index; /* of an array's element */
	uint64_t value; /* of what is no list and no record */
};

static struct item item_of(unsigned kind, unsigned field, const void *record, unsigned index)
{
	const struct plan_field *f = &plan_records[kind].field[field];
	uint64_t value = f->kind == PLAN_LIST || f->kind == PLAN_RECORD
		? 0
		: plan_field_value(record, f, index);
	return (struct item){f, &shown[kind][field], record, index, value};
}

/* Fields of features that most plans do not use. */
static bool is_left_out(const struct item *i)
{
	const struct plan_machine *machine = i->record; /* for the rows of its own */
	switch (i->shown->how) {
	case NEVER:
		return true;
	case NONZERO:
	case SOME:
	case CHOSEN:
	case OPTIONS:
	case SEED:
		return i->value == 0;
	case DATA:
		return machine->data.target == 0;
	case FAILURE:
		return machine->boot_timeout_ms == 0;
	case RESCUE:
		return i->value == CONFIG_RESCUE_SHELL;
	case PLAIN:
	case WORD:
	case FLAGS:
	case HEX:
	case NAME:
	case SIGNED:
	case SIGNAL:
	case CLONE:
		return false;
	}
	return false;
}

/* ---- values ---- */

static void put_quoted(const struct dump *d, plan_str s)
{
	const char *text = plan_text(d->plan, s);
	fputc('"', d->out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			fprintf(d->out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(d->out, "\\x%02x", c);
		else
			fputc(c, d->out);
	}
	fputc('"', d->out);
}

static void put_words(const struct dump *d, const char *const *words, uint64_t bits)
{
	const char *gap = "";
	for (unsigned i = 0; words[i]; i++) {
		if (!(bits >> i & 1))
			continue;
		fprintf(d->out, "%s%s", gap, words[i]);
		gap = " ";
	}
}

static void put_options(const struct dump *d, uint64_t bits)
{
	for (unsigned i = 0, n = 0; i < 32; i++)
		if (bits >> i & 1)
			fprintf(d->out, "%s%s", n++ ? " " : "", feature_name(i));
}

static void put_clone(const struct dump *d, uint64_t bits)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{CLONE_NEWPID, "pid"}, {CLONE_NEWIPC, "ipc"}, {CLONE_NEWUTS, "uts"},
		{CLONE_NEWNET, "net"}};
	for (size_t i = 0, n = 0; i < COUNT(names); i++)
		if (bits & names[i].bit)
			fprintf(d->out, "%s%s", n++ ? " " : "", names[i].name);
}

static void put_service(const struct dump *d, uint64_t index, bool quoted)
{
	const struct plan_service *s = plan_service(d->plan, (uint32_t)index);
	if (s && quoted)
		put_quoted(d, s->name);
	else
		fputs(s ? plan_text(d->plan, s->name) : "none", d->out);
}

static void put_blob(const struct dump *d, const struct plan_blob *b)
{
	const void *bytes = plan_elements(d->plan, (struct plan_list){b->off, b->size}, 1);
	if (bytes)
		fprintf(d->out, "%" PRIu32 " bytes %016" PRIx64, b->size,
			hash_bytes(HASH_INIT, bytes, b->size));
	else
		fputs("none", d->out);
}

static void put_by_kind(const struct dump *d, const struct item *i)
{
	const void *at = plan_field_at(i->record, i->field, i->index);
	if (i->field->kind == PLAN_TEXT || i->field->kind == PLAN_PATH)
		put_quoted(d, (plan_str)i->value);
	else if (i->field->kind == PLAN_INDEX_AND_1)
		put_service(d, i->value - 1, true);
	else if (i->field->kind == PLAN_BLOB)
		put_blob(d, at);
	else
		fprintf(d->out, "%" PRIu64, i->value);
}

static void put_value(const struct dump *d, const struct item *i)
{
	switch (i->shown->how) {
	case WORD:
	case CHOSEN:
	case FAILURE:
	case RESCUE:
		fputs(plan_name(i->shown->words, (uint32_t)i->value), d->out);
		break;
	case FLAGS:
	case SOME:
		put_words(d, i->shown->words, i->value);
		break;
	case HEX:
		fprintf(d->out, "0x%" PRIx64, i->value);
		break;
	case NAME:
		put_service(d, i->value, false);
		break;
	case SIGNED:
		fprintf(d->out, "%d", (int8_t)i->value);
		break;
	case SIGNAL:
		fprintf(d->out, "%" PRIu64 " %s", i->value, sig_name((int)i->value));
		break;
	case CLONE:
		put_clone(d, i->value);
		break;
	case OPTIONS:
		put_options(d, i->value);
		break;
	case PLAIN:
	case NEVER:
	case NONZERO:
	case DATA:
	case SEED:
		put_by_kind(d, i);
		break;
	}
}

/* ---- records on one line ---- */

static void put_address(const struct dump *d, const struct plan_socket *s)
{
	size_t n = s->family == SOCKET_IPV4 ? 4 : s->family == SOCKET_IPV6 ? sizeof(s->address) : 0;
	fprintf(d->out, " ");
	for (size_t i = 0; i < n; i++)
		fprintf(d->out, "%02x", s->address[i]);
	if (n)
		fprintf(d->out, " port %u", (unsigned)s->port);
	else if (s->family == SOCKET_ROUTES)
		fprintf(d->out, "protocol %" PRIu32 " groups 0x%" PRIx32, s->protocol, s->groups);
	else
		put_quoted(d, s->path);
}

static void put_socket(const struct dump *d, const struct plan_socket *s)
{
	fprintf(d->out, "%s %s", plan_name(plan_socket_kinds, s->kind),
		plan_name(plan_socket_families, s->family));
	put_address(d, s);
	fprintf(d->out, " device ");
	put_quoted(d, s->device);
	fprintf(d->out, " backlog %" PRIu32 " mode %04o owner %" PRIu32 ":%" PRIu32, s->backlog,
		(unsigned)s->mode, s->uid, s->gid);
	fputs(s->flags ? " " : "", d->out);
	put_words(d, plan_socket_words, s->flags);
}

/* Words in words: the arguments of a command. */
static void put_texts(const struct dump *d, const struct item *i)
{
	const struct plan_list *list = plan_field_at(i->record, i->field, i->index);
	const plan_str *s = plan_elements(d->plan, *list, sizeof(*s));
	fputs(i->shown->name, d->out);
	for (uint32_t k = 0; s && k < list->count; k++) {
		fputc(' ', d->out);
		put_quoted(d, s[k]);
	}
}

/* The fields with a blank between; what is 0 and left out so leaves no blank. */
static void put_fields(const struct dump *d, unsigned kind, const void *record)
{
	const char *gap = "";
	for (unsigned i = 0; i < plan_records[kind].count; i++) {
		struct item item = item_of(kind, i, record, 0);
		if (is_left_out(&item) || (item.shown->how == FLAGS && !item.value))
			continue;
		fputs(gap, d->out);
		gap = " ";
		if (item.field->kind == PLAN_LIST)
			put_texts(d, &item);
		else
			put_value(d, &item);
	}
}

static void put_record(const struct dump *d, unsigned kind, const void *record)
{
	if (kind == PLAN_RECORD_SOCKET)
		put_socket(d, record);
	else if (kind == PLAN_RECORD_TIMER)
		dump_timer(d->plan, record, d->out);
	else if (kind == PLAN_RECORD_STATUS)
		dump_status(*(const uint32_t *)record, d->out);
	else
		put_fields(d, kind, record);
}

/* ---- lines ---- */

static void put_key(const struct dump *d, const struct item *i)
{
	const struct plan_machine *m = &plan_header(d->plan)->machine;
	fprintf(d->out, "%s%s.%s", d->prefix, d->subject, i->shown->name);
	if (i->field->repeat > 1)
		fputs(plan_name(i->shown->words, i->index), d->out);
	if (i->shown->how == SEED && m->seed_credit)
		fputs("_credited", d->out);
}

static void put_list(const struct dump *d, const struct item *i)
{
	const struct plan_list *list = plan_field_at(i->record, i->field, i->index);
	const unsigned char *element = plan_elements(d->plan, *list, plan_records[i->field->of].size);
	for (uint32_t k = 0; element && k < list->count; k++) {
		put_key(d, i);
		fprintf(d->out, "[%" PRIu32 "] = ", k);
		put_record(d, i->field->of, element + (size_t)k * plan_records[i->field->of].size);
		fputc('\n', d->out);
	}
}

static void put_line(const struct dump *d, const struct item *i)
{
	if (i->field->kind == PLAN_LIST) {
		put_list(d, i);
		return;
	}
	put_key(d, i);
	fputs(" = ", d->out);
	if (i->field->kind == PLAN_RECORD)
		put_record(d, i->field->of, plan_field_at(i->record, i->field, i->index));
	else if (i->field->kind == PLAN_BITS && !i->value)
		fputs("none", d->out);
	else
		put_value(d, i);
	fputc('\n', d->out);
}

static void put_lines(const struct dump *d, unsigned kind, const void *record)
{
	for (unsigned i = 0; i < plan_records[kind].count; i++) {
		for (unsigned k = 0; k < plan_records[kind].field[i].repeat; k++) {
			struct item item = item_of(kind, i, record, k);
			if (!is_left_out(&item))
				put_line(d, &item);
		}
	}
}

static void dump_header(const struct plan_header *h, FILE *out)
{
	fprintf(out, "plan.version = %" PRIu32 "\nplan.compatible = %" PRIu32 "\n", h->version,
		h->compatible);
	fprintf(out, "plan.arch = 0x%" PRIx32 "\nplan.size = %" PRIu32 "\n", h->arch, h->size);
	fprintf(out, "plan.digest = 0x%" PRIx64 "\nplan.checksum = 0x%" PRIx64 "\n", h->digest,
		h->checksum);
	fprintf(out, "plan.services = %" PRIu32 "\n", h->services.count);
}

void plan_dump(const struct plan *p, FILE *out)
{
	struct dump d = {.plan = p, .out = out, .subject = "machine", .prefix = ""};
	if (!plan_header(p))
		return;
	dump_header(plan_header(p), out);
	put_lines(&d, PLAN_RECORD_MACHINE, &plan_header(p)->machine);
	d.prefix = "service ";
	for (uint32_t i = 0; i < plan_service_count(p); i++) {
		const struct plan_service *s = plan_service(p, i);
		if (!s)
			continue;
		d.subject = plan_text(p, s->name);
		put_lines(&d, PLAN_RECORD_SERVICE, s);
	}
}
