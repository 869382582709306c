/* SPDX-License-Identifier: MIT
 * What is writable, checked and written once all lines are known: see machine.h.
 */
#include "compile/machine/machine.h"

/* One line of several that say it. */
static struct diag *at_line(struct machine *m, enum machine_directive directive, unsigned line)
{
	struct diag *d = machine_at(m, directive);
	d->line = line;
	return d;
}

static struct plan_list encode_overlays(struct machine *m, struct plan_writer *w)
{
	const struct data_conf *c = &m->data;
	struct plan_overlay list[PLAN_MAX_OVERLAYS];
	size_t n = 0;
	for (size_t i = 0; i < c->overlays; i++) {
		const struct data_wish *o = &c->overlay[i];
		struct diag *d = at_line(m, M_Boot_Overlay, o->line);
		if (o->where == OVERLAY_DATA && c->directory.n == 0)
			diag_error(d, "data:%.*s needs a DataPartition, and there is none", SPAN_ARGS(o->text));
		else if (c->directory.n > 0 &&
			(span_below(o->text, c->directory) || span_below(c->directory, o->text)))
			diag_error(d, "%.*s and the DataPartition's %.*s lie one in the other",
				SPAN_ARGS(o->text), SPAN_ARGS(c->directory));
		else
			list[n++] = (struct plan_overlay){plan_write_span(w, o->text), o->where};
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

static struct plan_list encode_resets(struct machine *m, struct plan_writer *w)
{
	const struct data_conf *c = &m->data;
	plan_str list[PLAN_MAX_RESET];
	size_t n = 0;
	for (size_t i = 0; i < c->resets; i++) {
		struct span word = c->reset[i].text;
		struct diag *d = at_line(m, M_Boot_FactoryReset, c->reset[i].line);
		if (c->directory.n == 0)
			diag_error(d, "needs a DataPartition to wipe, and there is none");
		/* A flag goes with what it wipes: it cannot wipe twice. */
		else if (word.p[0] == '/' &&
			(!span_below(word, c->directory) || span_same(word, c->directory)))
			diag_error(d, "%.*s is not on the data partition, expected a file below %.*s",
				SPAN_ARGS(word), SPAN_ARGS(c->directory));
		else
			list[n++] = plan_write_span(w, word);
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

void data_encode(struct machine *m, struct plan_machine *machine, struct plan_writer *w)
{
	const struct data_conf *c = &m->data;
	if (c->directory.n > 0) {
		machine->data = (struct plan_mount){
			.source = plan_write_span(w, c->device),
			.target = plan_write_span(w, c->directory),
			.type = plan_write_span(w, c->type),
			.options = plan_write_text(w, c->options),
			.flags = c->flags,
			.extra = c->fallback ? MOUNT_OR_TMPFS : 0,
		};
	} else if (m->line[M_Boot_DataFallback]) {
		diag_error(machine_at(m, M_Boot_DataFallback), "needs a DataPartition, and there is none");
	}
	machine->overlays = encode_overlays(m, w);
	machine->reset = encode_resets(m, w);
	machine->seed_file = plan_write_span(w, c->seed);
	machine->seed_credit = c->credit;
}
