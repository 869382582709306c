// needs: walls/network CONFIG_INTERFACES
/* SPDX-License-Identifier: MIT
 * The rtnetlink messages of the network wall: byte for byte on a little-endian machine, and answers
 * of every kind, cut at every length.
 */
#include "walls/network/message.h"
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct network_message m;

static void is_hex(const char *expected)
{
	char text[2 * sizeof(m.bytes) + 1] = "", *at = text;
	assert_false(m.full);
	for (size_t i = 0; i < m.n; i++)
		at += sprintf(at, "%02x", m.bytes[i]);
	char plain[sizeof(text)] = "";
	size_t n = 0;
	for (; *expected; expected++)
		if (*expected != ' ')
			plain[n++] = *expected;
	assert_string_equal(text, plain);
}

/*                 length   type flags sequence port    | family  type index    flags    change */
#define HEAD_8 "01000000 00000000 "

static void asks_for_a_link(void **state)
{
	(void)state;
	network_ask_link(&m, "eth1");
	is_hex("2c000000 1200 0100 " HEAD_8
		   "00000000 00000000 00000000 00000000 0900 0300 65746831 00000000");
}

static void moves_a_link(void **state)
{
	(void)state;
	network_ask_move(&m, 7, 5, NULL);
	is_hex("28000000 1000 0500 " HEAD_8 "00000000 07000000 00000000 00000000 0800 1c00 05000000");
	network_ask_move(&m, 7, 5, "back%d");
	is_hex("34000000 1000 0500 " HEAD_8
		   "00000000 07000000 00000000 00000000 0800 1c00 05000000 0b00 0300 6261636b 25640000");
}

static void sets_a_link_up_and_into_a_bridge(void **state)
{
	(void)state;
	network_ask_up(&m, 7);
	is_hex("20000000 1000 0500 " HEAD_8 "00000000 07000000 01000000 01000000");
	network_ask_master(&m, 7, 3);
	is_hex("28000000 1000 0500 " HEAD_8 "00000000 07000000 01000000 01000000 0800 0a00 03000000");
	network_ask_delete(&m, 7);
	is_hex("20000000 1100 0500 " HEAD_8 "00000000 07000000 00000000 00000000");
}

static void makes_a_bridge(void **state)
{
	(void)state;
	network_ask_bridge(&m, "br0");
	is_hex(
		"38000000 1000 0506 " HEAD_8
		"00000000 00000000 01000000 01000000 0800 0300 62723000 1000 1200 0b00 0100 62726964 67650000");
}

static void makes_a_pair(void **state)
{
	const uint8_t none[6] = {0}, mac[6] = {2, 0, 0, 0x12, 0x34, 0x56};
	(void)state;
	network_ask_veth(&m, "ve-a", "eth0", 6, none);
	is_hex(
		"68000000 1000 0506 " HEAD_8
		"00000000 00000000 00000000 00000000 0900 0300 76652d61 00000000 "
		"3c00 1200 0900 0100 76657468 00000000 2c00 0200 2800 0100 00000000 00000000 00000000 00000000 "
		"0900 0300 65746830 00000000 0800 1c00 06000000");
	network_ask_veth(&m, "ve-a", "eth0", 6, mac);
	is_hex(
		"74000000 1000 0506 " HEAD_8
		"00000000 00000000 00000000 00000000 0900 0300 76652d61 00000000 "
		"4800 1200 0900 0100 76657468 00000000 3800 0200 3400 0100 00000000 00000000 00000000 00000000 "
		"0900 0300 65746830 00000000 0800 1c00 06000000 0a00 0100 02000012 34560000");
}

static void sets_addresses(void **state)
{
	const struct network_address four = {.family = AF_INET, .prefix = 20, .bytes = {10, 1, 18, 2}},
								 line = {.family = AF_INET, .prefix = 31, .bytes = {10, 1, 18, 2}},
								 six = {.family = AF_INET6,
									 .prefix = 64,
									 .bytes = {0xfd, [15] = 2}};
	(void)state;
	network_ask_address(&m, 4, &four); /* broadcast: 10.1.31.255 */
	is_hex("30000000 1400 0506 " HEAD_8
		   "02140000 04000000 0800 0200 0a011202 0800 0100 0a011202 0800 0400 0a011fff");
	network_ask_address(&m, 4, &line);
	is_hex("28000000 1400 0506 " HEAD_8 "021f0000 04000000 0800 0200 0a011202 0800 0100 0a011202");
	network_ask_address(&m, 4, &six); /* IFA_F_NODAD */
	is_hex(
		"40000000 1400 0506 " HEAD_8 "0a400200 04000000 1400 0200 fd000000000000000000000000000002 "
		"1400 0100 fd000000000000000000000000000002");
}

static void sets_a_gateway(void **state)
{
	const struct network_address four = {.family = AF_INET, .bytes = {10, 0, 0, 1}};
	(void)state;
	network_ask_gateway(&m, 4, &four);
	is_hex("2c000000 1800 0506 " HEAD_8
		   "02000000 fe040001 00000000 0800 0500 0a000001 0800 0400 04000000");
}

static void what_does_not_fit_is_said(void **state)
{
	static char name[sizeof(m.bytes)];
	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	network_ask_link(&m, name);
	assert_true(m.full);
	network_ask_bridge(&m, name);
	assert_true(m.full);
	network_ask_link(&m, "short"); /* and forgotten with the next one */
	assert_false(m.full);
}

/* ---- answers ---- */

static unsigned char answer[512];
static size_t length;

static void add(const void *bytes, size_t n)
{
	memcpy(answer + length, bytes, n);
	length += n;
	while (length % 4)
		answer[length++] = 0;
}

static void add_attribute(uint16_t type, const void *bytes, size_t n)
{
	const struct rtattr head = {.rta_len = (uint16_t)(4 + n), .rta_type = type};
	add(&head, sizeof(head));
	add(bytes, n);
}

static void set_head(uint16_t type, uint16_t flags)
{
	const struct nlmsghdr h = {.nlmsg_len = (uint32_t)length,
		.nlmsg_type = type,
		.nlmsg_flags = flags,
		.nlmsg_seq = NETWORK_SEQUENCE};
	memcpy(answer, &h, sizeof(h));
}

static void make_error(int err, bool capped)
{
	const struct nlmsgerr e = {.error = err, .msg = {.nlmsg_len = 32}};
	const char zero[16] = "";
	length = sizeof(struct nlmsghdr);
	add(&e, sizeof(e));
	if (!capped)
		add(zero, sizeof(zero));
	add_attribute(NLMSGERR_ATTR_MSG, "Unknown device type", 20);
	set_head(NLMSG_ERROR, capped ? NLM_F_CAPPED | NLM_F_ACK_TLVS : NLM_F_ACK_TLVS);
}

static void make_link(const char *kind)
{
	const struct ifinfomsg link = {.ifi_index = 9};
	const uint16_t mtu[2] = {1500};
	unsigned char info[64];
	length = 0;
	add_attribute(IFLA_INFO_KIND, kind, strlen(kind) + 1);
	size_t n = length;
	memcpy(info, answer, n);
	length = sizeof(struct nlmsghdr);
	add(&link, sizeof(link));
	add_attribute(IFLA_MTU, mtu, sizeof(mtu));
	add_attribute(IFLA_LINKINFO | NLA_F_NESTED, info, n);
	set_head(RTM_NEWLINK, 0);
}

static void reads_errors_and_what_the_kernel_says_of_them(void **state)
{
	struct network_answer a;
	(void)state;
	for (int capped = 0; capped < 2; capped++) {
		make_error(-EOPNOTSUPP, capped);
		assert_true(network_read_answer(answer, length, &a));
		assert_int_equal(a.err, -EOPNOTSUPP);
		assert_string_equal(a.text, "Unknown device type");
	}
	make_error(0, true);
	assert_true(network_read_answer(answer, length, &a));
	assert_int_equal(a.err, 0);
}

static void reads_links(void **state)
{
	static const struct {
		const char *kind;
		bool veth;
	} kinds[] = {{"veth", true}, {"vethernet", false}, {"vet", false}, {"bridge", false}};
	struct network_answer a;
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		make_link(kinds[i].kind);
		assert_true(network_read_answer(answer, length, &a));
		assert_int_equal(a.index, 9);
		assert_int_equal(a.is_veth, kinds[i].veth);
	}
}

static void answers_to_others_are_none(void **state)
{
	struct network_answer a;
	struct nlmsghdr h;
	(void)state;
	make_link("veth");
	memcpy(&h, answer, sizeof(h));
	h.nlmsg_seq = NETWORK_SEQUENCE + 1;
	memcpy(answer, &h, sizeof(h));
	assert_false(network_read_answer(answer, length, &a));
	set_head(RTM_NEWADDR, 0);
	assert_false(network_read_answer(answer, length, &a));
}

/* In a block of its own size, so that the sanitizer sees each byte too far. */
static void cut_at_every_length(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		if (round < 2)
			make_error(-EPERM, round);
		else
			make_link("veth");
		for (size_t n = 0; n <= length; n++) {
			unsigned char *copy = malloc(n ? n : 1);
			struct network_answer a;
			memcpy(copy, answer, n);
			bool read = network_read_answer(copy, n, &a);
			assert_int_equal(read, n >= sizeof(struct nlmsghdr));
			if (read &&
				n < sizeof(struct nlmsghdr) +
						(round < 2 ? sizeof(struct nlmsgerr) : sizeof(struct ifinfomsg)))
				assert_int_equal(a.err, -EPROTO); /* never taken for success */
			free(copy);
		}
	}
}

static void every_byte_wrong(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		if (round < 2)
			make_error(-EPERM, round);
		else
			make_link("veth");
		unsigned char *copy = malloc(length);
		struct network_answer a;
		for (size_t i = 0; i < length; i++)
			for (int value = 0; value < 256; value += 51) {
				memcpy(copy, answer, length);
				copy[i] = (unsigned char)value;
				network_read_answer(copy, length, &a);
				assert_int_equal(a.text[sizeof(a.text) - 1], 0);
			}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_a_link),
		cmocka_unit_test(moves_a_link),
		cmocka_unit_test(sets_a_link_up_and_into_a_bridge),
		cmocka_unit_test(makes_a_bridge),
		cmocka_unit_test(makes_a_pair),
		cmocka_unit_test(sets_addresses),
		cmocka_unit_test(sets_a_gateway),
		cmocka_unit_test(what_does_not_fit_is_said),
		cmocka_unit_test(reads_errors_and_what_the_kernel_says_of_them),
		cmocka_unit_test(reads_links),
		cmocka_unit_test(answers_to_others_are_none),
		cmocka_unit_test(cut_at_every_length),
		cmocka_unit_test(every_byte_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
