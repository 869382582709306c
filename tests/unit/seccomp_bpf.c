/* SPDX-License-Identifier: MIT
 * See seccomp_bpf.h. */
#include "unit/seccomp_bpf.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int diag_error(struct diag *d, const char *format, ...)
{
	va_list args;
	if (d) {
		d->errors++;
		va_start(args, format);
		vsnprintf(d->text, sizeof(d->text), format, args);
		va_end(args);
	}
	return -EINVAL;
}

void diag_note(struct diag *d, const char *format, ...)
{
	(void)d;
	(void)format;
}

void diag_no_memory(void)
{
	abort();
}

/* ---- the interpreter: what the kernel accepts of classic BPF for seccomp, and what we emit
 * ---- */

static bool looked;

bool bpf_looked_at_arguments(void)
{
	return looked;
}

static uint32_t load_word(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t word;
	assert_true(offset % 4 == 0 && offset + 4 <= sizeof(*data));
	memcpy(&word, (const char *)data + offset, 4);
	looked = looked || offset >= offsetof(struct seccomp_data, instruction_pointer);
	return word;
}

static bool holds(uint16_t op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return a & k;
	default:
		fail_msg("jump %u", op);
		return false;
	}
}

uint32_t bpf_run(const struct sock_filter *f, size_t n, const struct seccomp_data *data)
{
	uint32_t a = 0;
	looked = false;

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &f[pc];
		if (i->code == (BPF_LD | BPF_W | BPF_ABS))
			a = load_word(data, i->k);
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_RET | BPF_K))
			return i->k;
		else if (i->code == (BPF_JMP | BPF_JA))
			pc += i->k;
		else if (BPF_CLASS(i->code) == BPF_JMP)
			pc += holds(BPF_OP(i->code), a, i->k) ? i->jt : i->jf;
		else
			fail_msg("instruction %zu: code 0x%x", pc, i->code);
	}
	fail_msg("the program runs off its end");
	return 0;
}

void bpf_check(const struct sock_filter *f, size_t n)
{
	assert_in_range(n, 4, BPF_MAXINSNS);
	for (size_t pc = 0; pc < n; pc++)
		if (f[pc].code == (BPF_JMP | BPF_JA))
			assert_true(pc + 1 + f[pc].k < n);
		else if (BPF_CLASS(f[pc].code) == BPF_JMP)
			assert_true(pc + 1 + f[pc].jt < n && pc + 1 + f[pc].jf < n);
	assert_int_equal(BPF_CLASS(f[n - 1].code), BPF_RET);
}
