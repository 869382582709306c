// needs: compile/unit walls base
/* SPDX-License-Identifier: MIT
 * What a line of [Socket] may listen at, and which of two lines cannot both be bound. How a wrong
 * one is told: tests/golden/sockets.golden.
 */
#include "compile/unit/sockets.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct good {
	const char *text;
	enum plan_socket_kind kind;
	enum plan_socket_family family;
	const char *path;
	unsigned port;
	const char *bytes; /* NULL: all zero */
	bool any;
};

static const char ten[16] = {10, 0, 0, 1}, one[16] = {[15] = 1};

static void what_is_good(void **state)
{
	static const struct good cases[] = {
		{"/run/a", SOCKET_STREAM, SOCKET_PATH, "/run/a", 0, NULL, false},
		{"/a", SOCKET_DATAGRAM, SOCKET_PATH, "/a", 0, NULL, false},
		{"/run/bulkheads", SOCKET_STREAM, SOCKET_PATH, "/run/bulkheads", 0, NULL, false},
		{"/run/f", SOCKET_FIFO, SOCKET_PATH, "/run/f", 0, NULL, false},
		{"@a b", SOCKET_SEQPACKET, SOCKET_ABSTRACT, "a b", 0, NULL, false},
		{"80", SOCKET_STREAM, SOCKET_IPV6, "", 80, NULL, true},
		{"65535", SOCKET_DATAGRAM, SOCKET_IPV6, "", 65535, NULL, true},
		{"10.0.0.1:1", SOCKET_STREAM, SOCKET_IPV4, "", 1, ten, false},
		{"0.0.0.0:80", SOCKET_DATAGRAM, SOCKET_IPV4, "", 80, NULL, false},
		{"[::1]:80", SOCKET_STREAM, SOCKET_IPV6, "", 80, one, false},
		{"[::]:80", SOCKET_STREAM, SOCKET_IPV6, "", 80, NULL, false},
	};
	static const char zero[16];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockets_address a;
		const struct good *g = &cases[i];
		assert_int_equal(sockets_parse(span_of(g->text), g->kind, &a, NULL), 0);
		assert_int_equal(a.kind, g->kind);
		assert_int_equal(a.family, g->family);
		assert_int_equal(a.port, g->port);
		assert_int_equal(a.any, g->any);
		assert_true(span_is(a.path, g->path) && span_is(a.text, g->text));
		assert_memory_equal(a.bytes, g->bytes ? g->bytes : zero, 16);
	}
}

static void netlink(void **state)
{
	struct sockets_address a;
	(void)state;
	assert_int_equal(sockets_parse(span_of("kobject-uevent 1"), SOCKET_NETLINK, &a, NULL), 0);
	assert_int_equal(a.family, SOCKET_ROUTES);
	assert_int_equal(a.protocol, 15);
	assert_int_equal(a.groups, 1);
	assert_int_equal(sockets_parse(span_of("route 0x11"), SOCKET_NETLINK, &a, NULL), 0);
	assert_int_equal(a.protocol, 0);
	assert_int_equal(a.groups, 0x11);
	assert_int_equal(sockets_parse(span_of("audit"), SOCKET_NETLINK, &a, NULL), 0);
	assert_int_equal(a.groups, 0);
}

static void what_is_bad_leaves_nothing_behind(void **state)
{
	static const char *const bad[] = {"", " ", "a", "@", "0", "00080", "+80", "65536",
		"99999999999999999999", ":80", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4.5:80", "1.2.3.256:80",
		"[]:80", "[:80", "]:80", "[::1", "[::1]80", "[::1]:0", "::1", "[::1]:80x", "/", "//a",
		"/a/", "/a/../b", "/run/bulkhead", "/run/bulkhead/x", "/var/run/x"};
	char longest[110] = "/";
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sockets_address a = {.port = 7};
		assert_true(sockets_parse(span_of(bad[i]), SOCKET_STREAM, &a, NULL) < 0);
		assert_int_equal(a.port, 7);
	}
	struct sockets_address a;
	memset(longest + 1, 'a', 107);
	assert_true(sockets_parse(span_of(longest), SOCKET_STREAM, &a, NULL) < 0); /* 108 bytes */
	assert_int_equal(sockets_parse(span_of(longest), SOCKET_FIFO, &a, NULL), 0);
	longest[107] = '\0';
	assert_int_equal(sockets_parse(span_of(longest), SOCKET_STREAM, &a, NULL), 0);
	assert_true(sockets_parse(span_of("80"), SOCKET_SEQPACKET, &a, NULL) < 0);
	assert_true(sockets_parse(span_of("@a"), SOCKET_FIFO, &a, NULL) < 0);
}

static struct sockets_address parsed(enum plan_socket_kind kind, const char *text)
{
	struct sockets_address a;
	assert_int_equal(sockets_parse(span_of(text), kind, &a, NULL), 0);
	return a;
}

static void which_two_collide(void **state)
{
	static const struct {
		enum plan_socket_kind kind;
		const char *text;
		enum plan_socket_kind other_kind;
		const char *other;
		bool collide;
	} cases[] = {
		{SOCKET_STREAM, "80", SOCKET_STREAM, "80", true},
		{SOCKET_STREAM, "80", SOCKET_STREAM, "81", false},
		{SOCKET_STREAM, "80", SOCKET_DATAGRAM, "80", false},
		{SOCKET_STREAM, "80", SOCKET_STREAM, "1.2.3.4:80", true},
		{SOCKET_STREAM, "80", SOCKET_STREAM, "[::1]:80", true},
		{SOCKET_STREAM, "0.0.0.0:80", SOCKET_STREAM, "1.2.3.4:80", true},
		{SOCKET_STREAM, "0.0.0.0:80", SOCKET_STREAM, "[::]:80", true},
		{SOCKET_STREAM, "0.0.0.0:80", SOCKET_STREAM, "[::1]:80", false},
		{SOCKET_STREAM, "1.2.3.4:80", SOCKET_STREAM, "1.2.3.5:80", false},
		{SOCKET_STREAM, "[::1]:80", SOCKET_STREAM, "[::2]:80", false},
		{SOCKET_STREAM, "/a", SOCKET_FIFO, "/a", true},
		{SOCKET_STREAM, "/a", SOCKET_DATAGRAM, "/a", true},
		{SOCKET_STREAM, "/a", SOCKET_STREAM, "/ab", false},
		{SOCKET_STREAM, "@a", SOCKET_STREAM, "@a", true},
		{SOCKET_STREAM, "@a", SOCKET_SEQPACKET, "@a", false}, /* their names are apart by type */
		{SOCKET_STREAM, "@a", SOCKET_STREAM, "/a", false},
		{SOCKET_NETLINK, "route 1", SOCKET_NETLINK, "route 1", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockets_address a = parsed(cases[i].kind, cases[i].text),
							   b = parsed(cases[i].other_kind, cases[i].other);
		if (sockets_collide(&a, &b) != cases[i].collide ||
			sockets_collide(&b, &a) != cases[i].collide)
			fail_msg("%s and %s", cases[i].text, cases[i].other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_good),
		cmocka_unit_test(netlink),
		cmocka_unit_test(what_is_bad_leaves_nothing_behind),
		cmocka_unit_test(which_two_collide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
