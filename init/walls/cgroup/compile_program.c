/* SPDX-License-Identifier: MIT
 * IPAddressAllow, IPAddressDeny and DeviceAllow as BPF instructions
 * (Documentation/bpf/standardization/instruction-set.rst): straight-line code without maps and
 * loops, which every kernel with cgroup BPF accepts. JMP32 needs Linux 5.1.
 */
#include "base/count.h"
#include "base/num.h"
#include "walls/cgroup/conf.h"
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <string.h>

/* ---- instructions ---- */

enum target { NEXT, ALLOW, DENY }; /* where a jump goes; resolved in finish_program() */

struct program {
	struct bpf_insn *insn;
	size_t count, cap;
	uint8_t to[CGROUP_PACKET_INSNS]; /* enum target of the jump at each place */
	bool full;
};

static size_t put_insn(struct program *g, struct bpf_insn one)
{
	if (g->count + 8 > g->cap) { /* room for the end is always left */
		g->full = true;
		return g->count - 1;
	}
	g->to[g->count] = NEXT;
	g->insn[g->count] = one;
	return g->count++;
}

static void op(struct program *g, uint8_t code, uint8_t dst, uint8_t src, int32_t imm)
{
	put_insn(g,
		(struct bpf_insn){.code = code, .dst_reg = dst & 15u, .src_reg = src & 15u, .imm = imm});
}

static void jump_to(struct program *g, uint8_t code, uint8_t dst, uint8_t src, int32_t imm,
	enum target to)
{
	size_t at = put_insn(g,
		(struct bpf_insn){.code = code, .dst_reg = dst & 15u, .src_reg = src & 15u, .imm = imm});
	g->to[at] = (uint8_t)to;
}

static void jump_over(struct program *g, size_t from)
{
	g->insn[from].off = (int16_t)(g->count - from - 1);
}

static void load_constant(struct program *g, uint8_t dst, uint64_t v)
{
	op(g, BPF_LD | BPF_DW | BPF_IMM, dst, 0, (int32_t)(uint32_t)v);
	op(g, 0, 0, 0, (int32_t)(uint32_t)(v >> 32));
}

static bool is_reached(const struct program *g, enum target to)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->to[i] == to)
			return true;
	return false;
}

static void end_with(struct program *g, enum target which, int32_t result)
{
	/* The verifier takes no instruction that nothing leads to. */
	if (!is_reached(g, which))
		return;
	for (size_t i = 0; i < g->count; i++)
		if (g->to[i] == which)
			g->insn[i].off = (int16_t)(g->count - i - 1);
	op(g, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, result);
	op(g, BPF_JMP | BPF_EXIT, 0, 0, 0);
}

static size_t finish_program(struct program *g)
{
	g->cap += 8;
	end_with(g, DENY, 0);
	end_with(g, ALLOW, 1);
	return g->full ? 0 : g->count;
}

/* ---- packets ---- */

#define PACKET BPF_REG_6
#define HIGH BPF_REG_7
#define LOW BPF_REG_8

#define BUFFER (-16) /* 16 bytes at the end of the stack */

/* Bytes of the packet to the stack; a packet too short for it is dropped. */
static void load_bytes(struct program *g, int32_t offset, int32_t n)
{
	op(g, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, PACKET, 0);
	op(g, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, offset);
	op(g, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0);
	op(g, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, BUFFER);
	op(g, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, n);
	/* LD_ABS is not for this type of program */
	op(g, BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_skb_load_bytes);
	jump_to(g, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, DENY);
}

/* From the stack, in host order. */
static void load_stack(struct program *g, uint8_t size, uint8_t dst, int16_t at, int32_t bits)
{
	put_insn(g,
		(struct bpf_insn){.code = BPF_LDX | BPF_MEM | size,
			.dst_reg = dst & 15u,
			.src_reg = BPF_REG_10,
			.off = at});
	if (bits > 8)
		op(g, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, bits);
}

static uint64_t bytes_of(const uint8_t *byte, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | byte[i];
	return v;
}

/* If the upper `bits` (1 to 64) of reg are those of value. */
static void compare_bits(struct program *g, uint8_t reg, uint64_t value, unsigned bits,
	enum target to)
{
	op(g, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, reg, 0);
	if (bits < 64)
		op(g, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_1, 0, (int32_t)(64 - bits));
	load_constant(g, BPF_REG_2, value >> (64 - bits));
	jump_to(g, BPF_JMP | BPF_JEQ | BPF_X, BPF_REG_1, BPF_REG_2, 0, to);
}

static void match_prefix(struct program *g, const struct cgroup_prefix *p, enum target to)
{
	unsigned bits = p->bits;
	if (p->family == 4) { /* in HIGH's lower half */
		op(g, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, HIGH, 0);
		if (bits < 32)
			op(g, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_1, 0, (int32_t)(32 - bits));
		jump_to(g, BPF_JMP32 | BPF_JEQ | BPF_K, BPF_REG_1, 0,
			(int32_t)(uint32_t)(bytes_of(p->byte, 4) >> (32 - bits)), to);
	} else if (bits <= 64) {
		compare_bits(g, HIGH, bytes_of(p->byte, 8), bits, to);
	} else {
		load_constant(g, BPF_REG_2, bytes_of(p->byte, 8));
		size_t other = put_insn(g,
			(struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_X,
				.dst_reg = HIGH,
				.src_reg = BPF_REG_2});

		compare_bits(g, LOW, bytes_of(p->byte + 8, 8), bits - 64, to);
		jump_over(g, other);
	}
}

/* False once everything of the family is matched: what followed would never be reached. */
static bool match_list(struct program *g, const struct cgroup_prefixes *list, uint8_t family,
	enum target to)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->prefix[i].family == family && list->prefix[i].bits == 0) {
			jump_to(g, BPF_JMP | BPF_JA, 0, 0, 0, to);
			return false;
		}
	}
	for (size_t i = 0; i < list->count; i++)
		if (list->prefix[i].family == family)
			match_prefix(g, &list->prefix[i], to);
	return true;
}

static void match_family(struct program *g, const struct cgroup_conf *conf, uint8_t family)
{
	if (match_list(g, &conf->allow, family, ALLOW) && match_list(g, &conf->deny, family, DENY))
		jump_to(g, BPF_JMP | BPF_JA, 0, 0, 0, ALLOW);
}

/* The sender's address of what comes in, the receiver's of what goes out: offsets in the two
 * headers. */
size_t cgroup_packet_program(const struct cgroup_conf *conf, bool ingress, uint64_t *insns,
	size_t cap)
{
	static struct program g;
	/* Nothing denied is everything allowed. */
	if (conf->deny.count == 0)
		return 0;
	g = (struct program){.insn = (struct bpf_insn *)(void *)insns, .cap = cap};
	op(&g, BPF_ALU64 | BPF_MOV | BPF_X, PACKET, BPF_REG_1, 0);
	load_bytes(&g, 0, 1);
	load_stack(&g, BPF_B, BPF_REG_0, BUFFER, 8);
	op(&g, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_0, 0, 4);
	size_t six = put_insn(&g,
		(struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .imm = 6});
	jump_to(&g, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 4, DENY);
	load_bytes(&g, ingress ? 12 : 16, 4);
	load_stack(&g, BPF_W, HIGH, BUFFER, 32);
	match_family(&g, conf, 4);
	jump_over(&g, six);
	load_bytes(&g, ingress ? 8 : 24, 16);
	load_stack(&g, BPF_DW, HIGH, BUFFER, 64);
	load_stack(&g, BPF_DW, LOW, BUFFER + 8, 64);
	match_family(&g, conf, 6);
	return finish_program(&g);
}

/* ---- the lists of prefixes ---- */

static const struct {
	const char *word;
	struct cgroup_prefix prefix[2];
} words[] = {
	{"any", {{.family = 4}, {.family = 6}}},
	{"localhost", {{{127}, 4, 8}, {{[15] = 1}, 6, 128}}},
	{"link-local", {{{169, 254}, 4, 16}, {{0xfe, 0x80}, 6, 64}}},
	{"multicast", {{{224}, 4, 4}, {{0xff}, 6, 8}}},
};

static int add_prefix(struct cgroup_prefixes *list, struct cgroup_prefix p, struct diag *d)
{
	if (list->count == CGROUP_MAX_PREFIXES)
		return diag_error(d, "more than %d prefixes", CGROUP_MAX_PREFIXES);
	list->prefix[list->count++] = p;
	return 0;
}

static bool has_bits_beyond(const struct cgroup_prefix *p)
{
	for (unsigned bit = p->bits; bit < (p->family == 4 ? 32 : 128); bit++)
		if (p->byte[bit / 8] >> (7 - bit % 8) & 1)
			return true;
	return false;
}

static int parse_prefix(struct cgroup_prefixes *list, struct span word, struct diag *d)
{
	char text[INET6_ADDRSTRLEN];
	struct span address, length;
	bool slash = span_cut(word, '/', &address, &length);
	struct cgroup_prefix p = {.family = memchr(word.p, ':', word.n) ? 6 : 4};
	uint64_t bits = p.family == 4 ? 32 : 128;
	if (span_copy(address, text, sizeof(text)) < 0 ||
		inet_pton(p.family == 4 ? AF_INET : AF_INET6, text, p.byte) != 1 ||
		(slash && num_u64(length, bits, &bits) < 0))
		return diag_error(d,
			"\"%.*s\" is not an address or prefix, expected one like 192.168.1.0/24 or fd00::/8, or any, localhost, link-local, multicast",
			SPAN_ARGS(word));
	p.bits = (uint8_t)bits;
	if (has_bits_beyond(&p))
		return diag_error(d, "\"%.*s\" has bits set beyond the length of its prefix",
			SPAN_ARGS(word));
	return add_prefix(list, p, d);
}

static int add_word(struct cgroup_prefixes *list, struct span word, struct diag *d)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		if (!span_is(word, words[i].word))
			continue;
		int err = add_prefix(list, words[i].prefix[0], d);
		return err < 0 ? err : add_prefix(list, words[i].prefix[1], d);
	}
	return parse_prefix(list, word, d);
}

static int set_addresses(struct cgroup_prefixes *list, struct span value, struct diag *d)
{
	struct span rest = value, word;
	int err = 0;
	if (value.n == 0)
		list->count = 0;
	while (err == 0 && span_word(&rest, &word))
		err = add_word(list, word, d);
	return err;
}

int cgroup_set_address_allow(void *conf, struct span value, struct diag *d)
{
	return set_addresses(&((struct cgroup_conf *)conf)->allow, value, d);
}

int cgroup_set_address_deny(void *conf, struct span value, struct diag *d)
{
	return set_addresses(&((struct cgroup_conf *)conf)->deny, value, d);
}
