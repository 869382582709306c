/* SPDX-License-Identifier: MIT
 * What a finished program answers, and where its answers can change. With it a filter is judged by
 * what it allows, not by how it was written. Knows the instructions that program.c writes.
 */
#include "walls/seccomp/rules.h"
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

static bool jumps(const struct sock_filter *i, uint32_t a)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return a == i->k;
	case BPF_JGT:
		return a > i->k;
	case BPF_JGE:
		return a >= i->k;
	default:
		return a & i->k; /* BPF_JSET */
	}
}

static uint32_t answer(const struct sock_filter *insn, size_t n, const struct seccomp_data *data)
{
	uint32_t a = 0;
	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &insn[pc];
		if (i->code == (BPF_LD | BPF_W | BPF_ABS) && i->k + sizeof(a) <= sizeof(*data))
			memcpy(&a, (const char *)data + i->k, sizeof(a));
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_RET | BPF_K))
			return i->k;
		else if (i->code == (BPF_JMP | BPF_JA))
			pc += i->k;
		else if (BPF_CLASS(i->code) == BPF_JMP)
			pc += jumps(i, a) ? i->jt : i->jf;
	}
	return SECCOMP_RET_KILL_PROCESS;
}

bool seccomp_lets(const struct sock_filter *insn, size_t n, const char *call, const uint64_t *args)
{
	const struct seccomp_abi *abi = abi_native();
	int slot = abi_find_call(abi, span_of(call));
	if (slot < 0)
		return false;
	struct seccomp_data data = {.nr = (int)((uint32_t)slot + abi->base), .arch = abi->audit};
	memcpy(data.args, args, sizeof(data.args));
	uint32_t is = answer(insn, n, &data) & SECCOMP_RET_ACTION_FULL;
	return is == SECCOMP_RET_ALLOW || is == SECCOMP_RET_LOG;
}

size_t seccomp_edges(const struct sock_filter *insn, size_t n, unsigned arg, uint32_t *value,
	size_t max)
{
	const uint32_t offset = (uint32_t)(offsetof(struct seccomp_data, args) +
		arg * sizeof(uint64_t));
	bool of_it = false;
	size_t count = 0;
	for (size_t i = 0; i < n && count < max; i++)
		if (BPF_CLASS(insn[i].code) == BPF_LD)
			of_it = insn[i].k == offset;
		else if (of_it && BPF_CLASS(insn[i].code) == BPF_JMP && BPF_OP(insn[i].code) != BPF_JA)
			value[count++] = insn[i].k;
	return count;
}
