/* SPDX-License-Identifier: MIT
 * The options of a tmpfs that a service file may name.
 */
#include "walls/filesystem/conf.h"
#include "base/count.h"
#include "base/num.h"
#include <errno.h>
#include <string.h>

/* tmpfs(5). The value is checked as far as the kernel's own parser can be predicted. */
enum option_kind { OPTION_WORD, OPTION_ROOM, OPTION_COUNT, OPTION_MODE, OPTION_ID, OPTION_TEXT };

/* As memparse() of the kernel has it. */
static bool is_amount(struct span v, bool percent)
{
	static const char units[] = "kKmMgGtTpPeE";
	uint64_t n;
	bool unit = v.n > 1 && (strchr(units, v.p[v.n - 1]) || (percent && v.p[v.n - 1] == '%'));
	return num_u64((struct span){v.p, v.n - unit}, UINT64_MAX - 1, &n) == 0;
}

static bool is_value(enum option_kind kind, struct span v)
{
	uint64_t n;
	uint32_t mode;
	switch (kind) {
	case OPTION_WORD:
		return false;
	case OPTION_ROOM:
	case OPTION_COUNT:
		return is_amount(v, kind == OPTION_ROOM);
	case OPTION_MODE:
		return num_mode(v, &mode) == 0;
	case OPTION_ID:
		return num_u64(v, UINT32_MAX - 1, &n) == 0;
	case OPTION_TEXT:
		return v.n > 0;
	}
	return false;
}

static int check_option(struct span option, struct diag *d)
{
	static const struct {
		const char *name;
		enum option_kind kind;
	} known[] = {{"ro", OPTION_WORD}, {"rw", OPTION_WORD}, {"noexec", OPTION_WORD},
		{"exec", OPTION_WORD}, {"nosuid", OPTION_WORD}, {"nodev", OPTION_WORD},
		{"defaults", OPTION_WORD}, {"inode32", OPTION_WORD}, {"inode64", OPTION_WORD},
		{"noswap", OPTION_WORD}, {"size", OPTION_ROOM}, {"nr_blocks", OPTION_COUNT},
		{"nr_inodes", OPTION_COUNT}, {"mode", OPTION_MODE}, {"uid", OPTION_ID}, {"gid", OPTION_ID},
		{"huge", OPTION_TEXT}, {"mpol", OPTION_TEXT}};
	struct span name, value;
	bool eq = span_cut(option, '=', &name, &value);
	for (size_t i = 0; i < COUNT(known); i++) {
		if (!span_is(name, known[i].name))
			continue;
		if (eq ? is_value(known[i].kind, value) : known[i].kind == OPTION_WORD)
			return 0;
		return diag_error(d, "\"%.*s\" is not a value that this option of a tmpfs has",
			SPAN_ARGS(option));
	}
	return diag_error(d,
		"\"%.*s\" is no option of a tmpfs here, expected some like size=16M,mode=0755,noexec",
		SPAN_ARGS(name));
}

int filesystem_check_options(struct span options, struct diag *d)
{
	struct span one;
	while (span_part(&options, ',', &one))
		if (one.n > 0 && check_option(one, d) < 0)
			return -EINVAL;
	return 0;
}
