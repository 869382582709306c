// needs: pid1 base
/* SPDX-License-Identifier: MIT
 * Whether root has a password: fields of passwd and shadow as they are found, cut off, or missing.
 */
#include "pid1/boot/account.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void fields_of_every_kind(void **state)
{
	static const struct {
		const char *passwd, *shadow;
		enum account right;
	} table[] = {
		{"root:x:0:0:root:/root:/bin/sh\n", "root:$6$bulkhead$0o3IeAmwEwlohxsoDUJsV/:19000::::::\n",
			ACCOUNT_PASSWORD},
		{"root:x:0:0::/:/bin/sh", "root:$y$j9T$abc$defgh:1:\n", ACCOUNT_PASSWORD},
		{"root:x:0:0::/:/bin/sh", "root:ab0123456789./:1:\n", ACCOUNT_LOCKED}, /* fourteen */
		{"root:x:0:0::/:/bin/sh", "root:ab012345678./:1:\n", ACCOUNT_PASSWORD},
		{"root:x:0:0::/:/bin/sh", "root:_J9..abcdefghijklmno:1:\n", ACCOUNT_PASSWORD},
		{"root:x:0:0::/:/bin/sh", "root::19000::::::\n", ACCOUNT_EMPTY},
		{"root:x:0:0::/:/bin/sh", "root:*:19000::::::\n", ACCOUNT_LOCKED},
		{"root:x:0:0::/:/bin/sh", "root:!:19000::::::\n", ACCOUNT_LOCKED},
		{"root:x:0:0::/:/bin/sh", "root:!$6$bulkhead$0o3IeAmwEwlohxsoDUJsV/:19000::::::\n",
			ACCOUNT_LOCKED},
		{"root:x:0:0::/:/bin/sh", "root:x:19000::::::\n", ACCOUNT_LOCKED},
		{"root:x:0:0::/:/bin/sh", "root:!ab0123456789:1:\n", ACCOUNT_LOCKED},
		{"root:x:0:0::/:/bin/sh", "rooty::1:\nmyroot::1:\n", ACCOUNT_NONE},
		{"root:x:0:0::/:/bin/sh", "", ACCOUNT_NONE},
		/* cut off */
		{"root:x:0:0::/:/bin/sh", "root:$6$bulkhead$0o3IeAmwEwlo", ACCOUNT_NONE},
		/* the first one counts */
		{"root:x:0:0::/:/bin/sh", "\n\nbin:*:1:\nroot:*:1:\nroot::1:\n", ACCOUNT_LOCKED},
		/* not in shadow */
		{"root::0:0::/:/bin/sh", "root:*:1:\n", ACCOUNT_EMPTY},
		{"root:$1$abcdefgh$ijklmnop:0:0::/:/bin/sh", "", ACCOUNT_PASSWORD},
		{"root:*:0:0::/:/bin/sh", "", ACCOUNT_NONE},
		{"root:!:0:0::/:/bin/sh", "root::1:\n", ACCOUNT_LOCKED},
		{"daemon::1:1::/:/bin/sh\n", "root::1:\n", ACCOUNT_NONE},
		{"root", "root::1:\n", ACCOUNT_NONE},
		{"root:", "root::1:\n", ACCOUNT_NONE},
		{":\n::\nroot:x:", "root::1:", ACCOUNT_EMPTY},
		{"", "", ACCOUNT_NONE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_int_equal(account_of(span_of(table[i].passwd), span_of(table[i].shadow), "root"),
			table[i].right);
}

static void every_prefix_is_read_within_its_bounds(void **state)
{
	static const char passwd[] = "bin:x:1:1::/:\nroot:x:0:0::/:/bin/sh\n",
					  shadow[] = "bin:*:1:\nroot::1:\n";
	char copy[sizeof(passwd) + sizeof(shadow)];
	(void)state;
	for (size_t n = 0; n < sizeof(passwd); n++)
		for (size_t m = 0; m < sizeof(shadow); m++) {
			memset(copy, ':', sizeof(copy));
			memcpy(copy, passwd, n);
			memcpy(copy + sizeof(passwd), shadow, m);
			enum account got = account_of((struct span){copy, n},
				(struct span){copy + sizeof(passwd), m}, "root");
			assert_int_equal(got, n >= 21 && m >= 15 ? ACCOUNT_EMPTY : ACCOUNT_NONE);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_every_kind),
		cmocka_unit_test(every_prefix_is_read_within_its_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
