/* SPDX-License-Identifier: MIT
 * Values as text, see text.h.
 */
#include "ctl/text.h"
#include "base/count.h"
#include "base/ending.h"
#include <string.h>
#include <sys/wait.h>

void text_duration(struct fmt *f, uint64_t ms)
{
	static const struct {
		uint64_t ms;
		const char *name;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
	for (size_t i = 0; i < COUNT(units); i++) {
		if (ms < units[i].ms)
			continue;
		fmt_u64(f, ms / units[i].ms);
		fmt_str(f, units[i].name);
		ms %= units[i].ms;
		if (i + 1 < COUNT(units) && ms >= units[i + 1].ms) {
			fmt_char(f, ' ');
			fmt_u64(f, ms / units[i + 1].ms);
			fmt_str(f, units[i + 1].name);
		}
		return;
	}
	fmt_u64(f, ms);
	fmt_str(f, "ms");
}

void text_size(struct fmt *f, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	unsigned unit = 0;
	uint64_t scale = 1;
	if (bytes == UINT64_MAX) {
		fmt_char(f, '-');
		return;
	}
	while (bytes / scale >= 1024) {
		scale *= 1024;
		unit++;
	}
	fmt_u64(f, bytes / scale);
	if (unit && bytes / scale < 100) { /* one decimal, cut */
		fmt_char(f, '.');
		fmt_u64(f, bytes % scale / (scale / 1024) * 10 / 1024);
	}
	fmt_char(f, units[unit]);
}

void text_wait_status(struct fmt *f, int status)
{
	if (status == -1) {
		fmt_char(f, '-');
	} else if (WIFEXITED(status) || WIFSIGNALED(status)) {
		fmt_wait_status(f, status);
		if (WIFSIGNALED(status) && WCOREDUMP(status))
			fmt_str(f, ", core dumped");
	} else {
		fmt_str(f, "wait status 0x");
		fmt_hex(f, (unsigned)status, 4);
	}
}

static void padded(struct fmt *f, uint64_t v, uint64_t power)
{
	for (; power > 1 && v < power; power /= 10)
		fmt_char(f, '0');
	fmt_u64(f, v);
}

/* Days since 1970 to the Gregorian date, counted in years that begin in March, so that the leap
 * day comes last. */
static void date_of(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned of_era = (unsigned)(z - era * 146097);
	unsigned y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * y + y / 4 - y / 100);
	unsigned m = (5 * of_year + 2) / 153;
	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (int64_t)y + era * 400 + (*month <= 2);
}

void text_date(struct fmt *f, int64_t seconds, uint32_t nanoseconds, int32_t offset_s)
{
	int64_t local = seconds + offset_s;
	int64_t days = local / 86400 - (local % 86400 < 0);
	uint64_t rest = (uint64_t)(local - days * 86400);
	int64_t year;
	unsigned month, day;
	date_of(days, &year, &month, &day);
	fmt_i64(f, year);
	fmt_char(f, '-');
	padded(f, month, 10);
	fmt_char(f, '-');
	padded(f, day, 10);
	fmt_char(f, ' ');
	padded(f, rest / 3600, 10);
	fmt_char(f, ':');
	padded(f, rest / 60 % 60, 10);
	fmt_char(f, ':');
	padded(f, rest % 60, 10);
	fmt_char(f, '.');
	padded(f, nanoseconds / 1000000, 100);
}

size_t text_columns(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}
