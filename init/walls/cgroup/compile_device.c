/* SPDX-License-Identifier: MIT
 * DeviceAllow as a BPF program: one rule after the other, then refusal. The numbers of a node may
 * be known on the device only.
 */
#include "base/count.h"
#include "base/num.h"
#include "walls/cgroup/conf.h"
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#define READ_WRITE (BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)
#define ALL (READ_WRITE | BPF_DEVCG_ACC_MKNOD)

/* What every service has in its /dev; making the nodes there is the cell's business, which is in
 * the group by then. */
static const struct cgroup_conf_device standard[] = {
	{.type = 'c', .major = 1, .minor = 3, .access = ALL}, /* null zero full random urandom */
	{.type = 'c', .major = 1, .minor = 5, .access = ALL},
	{.type = 'c', .major = 1, .minor = 7, .access = ALL},
	{.type = 'c', .major = 1, .minor = 8, .access = ALL},
	{.type = 'c', .major = 1, .minor = 9, .access = ALL},
	{.type = 'c', .major = 5, .minor = 0, .access = ALL}, /* tty */
};
static const struct cgroup_conf_device pseudo_terminals[] = {
	{.type = 'c', .major = 5, .minor = 2, .access = ALL},
	{.type = 'c', .major = 136, .minor = -1, .access = ALL}};
static const struct cgroup_conf_device console = {.type = 'c',
	.major = 5,
	.minor = 1,
	.access = READ_WRITE};
static const struct cgroup_conf_device kmsg = {.type = 'c',
	.major = 1,
	.minor = 11,
	.access = READ_WRITE};
static const struct cgroup_conf_device loop[] =
	{/* for the cell to mount a RootImage with; no node of them is in the service's view */
		{.type = 'c', .major = 10, .minor = 237, .access = READ_WRITE},
		{.type = 'b', .major = 7, .minor = -1, .access = READ_WRITE}};

/* ---- the program ---- */

struct work {
	struct bpf_insn *insn;
	size_t count, cap;
	struct cgroup_node *node;
	size_t nodes;
	struct plan_writer *w;
};

static void op(struct work *k, uint8_t code, uint8_t dst, uint8_t src, int32_t imm)
{
	if (k->count < k->cap)
		k->insn[k->count] = (struct bpf_insn){.code = code,
			.dst_reg = dst & 15u,
			.src_reg = src & 15u,
			.imm = imm};
	k->count++;
}

#define TYPE BPF_REG_2
#define ACCESS BPF_REG_3
#define MAJOR BPF_REG_4
#define MINOR BPF_REG_5

static void load_field(struct work *k, uint8_t reg, size_t offset)
{
	op(k, BPF_LDX | BPF_MEM | BPF_W, reg, BPF_REG_1, 0);
	if (k->count <= k->cap)
		k->insn[k->count - 1].off = (int16_t)offset;
}

static void begin_program(struct work *k)
{
	load_field(k, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type)); /* access << 16 | type */
	load_field(k, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load_field(k, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	op(k, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0);
	op(k, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 16);
	op(k, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0xffff);
}

static void unless(struct work *k, uint8_t reg, int32_t value)
{
	op(k, BPF_JMP | BPF_JNE | BPF_K, reg, 0, value);
}

/* Three comparisons at least, as cgroup_node promises, then the access; each jumps to the next
 * rule. */
static void rule(struct work *k, const struct cgroup_conf_device *d)
{
	size_t from = k->count;
	bool by_path = d->path.n > 0;
	unless(k, TYPE, d->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (by_path || d->major >= 0)
		unless(k, MAJOR, d->major);
	if (by_path || d->minor >= 0)
		unless(k, MINOR, d->minor);
	op(k, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, ACCESS, 0);
	op(k, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_1, 0, ALL & ~d->access);
	unless(k, BPF_REG_1, 0);
	op(k, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 1);
	op(k, BPF_JMP | BPF_EXIT, 0, 0, 0);
	for (size_t i = from; i < k->count && i < k->cap; i++)
		if (k->insn[i].code == (BPF_JMP | BPF_JNE | BPF_K))
			k->insn[i].off = (int16_t)(k->count - i - 1);
	if (by_path)
		k->node[k->nodes++] = (struct cgroup_node){plan_write_span(k->w, d->path), (uint16_t)from,
			d->optional};
}

static void rules(struct work *k, const struct cgroup_conf_device *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rule(k, &list[i]);
}

static bool is_device_named(const struct cgroup_conf *conf, struct span path)
{
	for (size_t i = 0; i < conf->devices; i++)
		if (span_same(conf->device[i].path, path))
			return true;
	return false;
}

/* A node of Devices: with what DeviceAllow grants for it if it names it, else all. The cell
 * makes it in any case. */
static void view_node(struct work *k, const struct cgroup_conf *conf, struct span name)
{
	static char text[CGROUP_MAX_DEVICES][128];
	struct cgroup_conf_device d = {.access = ALL, .major = 0, .minor = 0};
	bool optional = name.n && name.p[0] == '-';
	if (span_is(name, "pts")) {
		rules(k, pseudo_terminals, 2);
		return;
	}
	char *at = text[k->nodes % CGROUP_MAX_DEVICES];
	struct span bare = optional ? (struct span){name.p + 1, name.n - 1} : name;
	snprintf(at, sizeof(text[0]), "%s%.*s", span_starts(bare, "/") ? "" : "/dev/", SPAN_ARGS(bare));
	d.path = span_of(at);
	d.optional = optional;
	if (is_device_named(conf, d.path))
		d.access = BPF_DEVCG_ACC_MKNOD;
	rule(k, &d);
}

size_t cgroup_device_program(const struct cgroup_conf *conf, const struct wall_context *context,
	uint64_t *insns, size_t cap, struct cgroup_node *nodes, size_t *node_count,
	struct plan_writer *w)
{
	struct work k = {.insn = (struct bpf_insn *)(void *)insns, .cap = cap, .node = nodes, .w = w};
	begin_program(&k);
	rules(&k, standard, COUNT(standard));
	rules(&k, conf->device, conf->devices);
	for (size_t i = 0; i < context->node_count; i++)
		view_node(&k, conf, context->nodes[i]);
	if (context->tty.n && !is_device_named(conf, context->tty))
		rule(&k, &(struct cgroup_conf_device){.path = context->tty, .access = READ_WRITE});
	rules(&k, &console, context->console);
	rules(&k, &kmsg, context->kmsg);
	rules(&k, loop, context->loop ? 2 : 0);
	op(&k, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0);
	op(&k, BPF_JMP | BPF_EXIT, 0, 0, 0);
	if (k.count > cap)
		w->full = true;
	*node_count = k.nodes;
	return k.count > cap ? 0 : k.count;
}

/* ---- the directive ---- */

static int read_access(struct span v, uint8_t *access, struct diag *d)
{
	static const char letters[] = "mrw"; /* by bit: BPF_DEVCG_ACC_MKNOD, READ, WRITE */
	*access = 0;
	for (size_t i = 0; i < v.n; i++) {
		const char *at = strchr(letters, v.p[i]);
		if (!at || !*at)
			return diag_error(d,
				"\"%.*s\" is not an access, expected letters of r (read), w (write), m (make the node)",
				SPAN_ARGS(v));
		*access |= (uint8_t)(1u << (at - letters));
	}
	return 0;
}

static int read_number(struct span v, uint64_t max, int32_t *out)
{
	uint64_t n = 0;
	if (span_is(v, "*")) {
		*out = -1;
		return 0;
	}
	int err = num_u64(v, max, &n);
	*out = (int32_t)n;
	return err;
}

static int read_numbers(struct span v, struct cgroup_conf_device *one, struct diag *d)
{
	struct span major, minor;
	if (!span_cut(v, ':', &major, &minor) || read_number(major, 4095, &one->major) < 0 ||
		read_number(minor, 1048575, &one->minor) < 0)
		return diag_error(d, "\"%.*s\" is not a device number, expected one like 188:0 or 188:*",
			SPAN_ARGS(v));
	return 0;
}

static int add_device(struct cgroup_conf *c, struct cgroup_conf_device one, struct diag *d)
{
	if (c->devices == CGROUP_MAX_DEVICES)
		return diag_error(d, "more than %d devices", CGROUP_MAX_DEVICES);
	c->device[c->devices++] = one;
	return 0;
}

int cgroup_set_device_allow(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	struct cgroup_conf_device one = {.access = ALL};
	struct span rest = value, word, access, more;
	int err = 0;
	if (!span_word(&rest, &word)) {
		c->devices = 0;
		c->devices_given = false;
		return 0;
	}
	c->devices_given = true;
	if (span_is(word, "standard") && rest.n == 0)
		return 0;
	if (span_is(word, "c") || span_is(word, "b")) {
		one.type = word.p[0];
		err = read_numbers(span_word(&rest, &more) ? more : (struct span){NULL, 0}, &one, d);
	} else {
		one.optional = word.p[0] == '-';
		one.path = one.optional ? (struct span){word.p + 1, word.n - 1} : word;
		err = value_node(one.path, d);
	}
	if (err == 0 && span_word(&rest, &access))
		err = read_access(access, &one.access, d);
	if (err == 0 && span_word(&rest, &more))
		err = diag_error(d,
			"\"%.*s\" is too much, expected PATH or c|b MAJOR:MINOR, and an access like rw",
			SPAN_ARGS(more));
	return err < 0 ? err : add_device(c, one, d);
}
