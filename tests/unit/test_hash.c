// needs: base
/* SPDX-License-Identifier: MIT
 * FNV-1a by its authors' published values, and that it can be fed in pieces.
 */
#include "base/hash.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint64_t of(const char *text)
{
	return hash_bytes(HASH_INIT, text, strlen(text));
}

static void known_values(void **state)
{
	(void)state;
	assert_int_equal(of(""), 0xcbf29ce484222325ull);
	assert_int_equal(of("a"), 0xaf63dc4c8601ec8cull);
	assert_int_equal(of("foobar"), 0x85944171f73967e8ull);
	assert_int_equal(hash_bytes(HASH_INIT, NULL, 0), HASH_INIT);
}

static void pieces_make_the_whole(void **state)
{
	static const char text[] = "one fact a line";
	(void)state;
	for (size_t cut = 0; cut < sizeof(text); cut++)
		assert_int_equal(hash_bytes(hash_bytes(HASH_INIT, text, cut), text + cut,
							 sizeof(text) - cut),
			hash_bytes(HASH_INIT, text, sizeof(text)));
}

static void high_bytes_and_nul_count(void **state)
{
	(void)state;
	assert_int_not_equal(hash_bytes(HASH_INIT, "\0", 1), HASH_INIT);
	assert_int_not_equal(hash_bytes(HASH_INIT, "\xff", 1), hash_bytes(HASH_INIT, "\x7f", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(pieces_make_the_whole),
		cmocka_unit_test(high_bytes_and_nul_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
