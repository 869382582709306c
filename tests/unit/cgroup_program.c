// needs: walls plan base CONFIG_CGROUP_BPF CONFIG_CGROUP_IO
/* SPDX-License-Identifier: MIT
 * The BPF programs of IPAddressAllow, IPAddressDeny and DeviceAllow: run by a small interpreter of
 * the instructions that they use, and loaded into this kernel where it lets us, so that its
 * verifier has a say too.
 */
#include "walls/diagnose.h"
#include "walls/cgroup/conf.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

static struct cgroup_conf conf;
static struct diag diag;
static uint64_t code[CGROUP_PACKET_INSNS];
static size_t count;

static uint64_t alu(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_MOV:
		return b;
	case BPF_RSH:
		return a >> b;
	case BPF_LSH:
		return a << b;
	case BPF_AND:
		return a & b;
	case BPF_ADD:
		return a + b;
	default:
		fail_msg("operation %#x", op);
	}
	return 0;
}

static bool jumps(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	default:
		fail_msg("jump %#x", op);
	}
	return false;
}

static uint64_t load(const void *at, uint8_t size)
{
	uint64_t v = 0;
	/* a little-endian machine, as all of ours */
	memcpy(&v, at, size == BPF_DW ? 8 : size == BPF_W ? 4 : 1);
	return v;
}

static uint64_t to_big(uint64_t v, int32_t bits)
{
	assert_true(bits == 32 || bits == 64);
	return bits == 64 ? __builtin_bswap64(v) : __builtin_bswap32((uint32_t)v);
}

/* skb_load_bytes, the one call there is. */
static uint64_t load_bytes(const uint8_t *packet, size_t n, const uint64_t r[11])
{
	if (r[2] + r[4] > n)
		return (uint64_t)-EFAULT;
	memcpy((void *)(uintptr_t)r[3], packet + r[2], r[4]);
	return 0;
}

static uint64_t run(const uint8_t *packet, size_t n, const void *context)
{
	const struct bpf_insn *insn = (const void *)code;
	static uint8_t stack[512];
	uint64_t r[11] = {[1] = (uintptr_t)context, [10] = (uintptr_t)(stack + sizeof(stack))};
	for (size_t pc = 0; pc < count; pc++) {
		const struct bpf_insn *i = &insn[pc];
		uint64_t imm = (uint64_t)(int64_t)i->imm, v = i->code & BPF_X ? r[i->src_reg] : imm;
		if (i->code == (BPF_JMP | BPF_EXIT)) {
			return r[0];
		} else if (i->code == (BPF_JMP | BPF_CALL)) {
			assert_int_equal(i->imm, BPF_FUNC_skb_load_bytes);
			r[0] = load_bytes(packet, n, r);
		} else if (i->code == (BPF_ALU | BPF_END | BPF_TO_BE)) {
			r[i->dst_reg] = to_big(r[i->dst_reg], i->imm);
		} else if (BPF_CLASS(i->code) == BPF_ALU64) {
			r[i->dst_reg] = alu(BPF_OP(i->code), r[i->dst_reg], v);
		} else if (i->code == (BPF_LD | BPF_DW | BPF_IMM)) {
			r[i->dst_reg] = (uint32_t)i->imm | (uint64_t)(uint32_t)insn[++pc].imm << 32;
		} else if (BPF_CLASS(i->code) == BPF_LDX) {
			r[i->dst_reg] = load((const char *)(uintptr_t)r[i->src_reg] + i->off,
				BPF_SIZE(i->code));
		} else if (BPF_CLASS(i->code) == BPF_JMP32) {
			pc += jumps(BPF_OP(i->code), (uint32_t)r[i->dst_reg], (uint32_t)v) ? (size_t)i->off : 0;
		} else if (BPF_CLASS(i->code) == BPF_JMP) {
			pc += jumps(BPF_OP(i->code), r[i->dst_reg], v) ? (size_t)i->off : 0;
		} else {
			fail_msg("code %#x at %zu", i->code, pc);
		}
	}
	fail_msg("ran past the end");
	return 0;
}

/* What this kernel's verifier says, where it may be asked. */
static void verify(uint32_t type)
{
	static char log[65536];
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = (uint32_t)count;
	attr.license = (uintptr_t) "MIT";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	long fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd >= 0)
		close((int)fd);
	/* the last: no cgroup BPF in this kernel */
	else if (errno != EPERM && errno != ENOSYS && !(errno == EINVAL && !log[0]))
		fail_msg("the kernel refuses it: %s\n%s", strerror(errno), log);
}

static void begin(void)
{
	cgroup_conf_init(&conf);
	diag = (struct diag){0};
}

static void allow(const char *words)
{
	assert_int_equal(cgroup_set_address_allow(&conf, span_of(words), &diag), 0);
}

static void deny(const char *words)
{
	assert_int_equal(cgroup_set_address_deny(&conf, span_of(words), &diag), 0);
}

static bool passes(const char *address, bool ingress)
{
	uint8_t packet[40] = {0};
	bool six = strchr(address, ':');
	int family = six ? AF_INET6 : AF_INET;
	size_t at = six ? (ingress ? 8 : 24) : ingress ? 12 : 16;
	memset(packet + 8, 0xee, sizeof(packet) - 8); /* the other address is nobody's */
	packet[0] = six ? 0x60 : 0x45;
	assert_int_equal(inet_pton(family, address, packet + at), 1);
	count = cgroup_packet_program(&conf, ingress, code, CGROUP_PACKET_INSNS);
	assert_true(count > 0);
	return run(packet, sizeof(packet), NULL) == 1;
}

static void both(const char *address, bool expected)
{
	for (int ingress = 0; ingress < 2; ingress++) {
		if (passes(address, ingress) != expected)
			fail_msg("%s %s: expected %s", ingress ? "from" : "to", address,
				expected ? "pass" : "drop");
		verify(BPF_PROG_TYPE_CGROUP_SKB);
	}
}

static void nothing_denied_is_no_program(void **state)
{
	(void)state;
	begin();
	allow("any");
	assert_int_equal(cgroup_packet_program(&conf, true, code, CGROUP_PACKET_INSNS), 0);
}

static void denies_all_but(void **state)
{
	(void)state;
	begin();
	deny("any");
	allow("localhost 10.1.0.0/16 192.168.7.9 fd00::/8 2001:db8:0:1:8000::/65 2001:db8::5");
	both("127.0.0.1", true);
	both("127.255.255.255", true);
	both("128.0.0.0", false);
	both("10.1.255.255", true);
	both("10.2.0.0", false);
	both("192.168.7.9", true);
	both("192.168.7.8", false);
	both("255.255.255.255", false);
	both("::1", true);
	both("::2", false);
	both("fdff::1", true);
	both("fe00::1", false);
	both("2001:db8:0:1:8000::1", true);
	both("2001:db8:0:1:7fff::1", false);
	both("2001:db8:0:2:8000::1", false);
	both("2001:db8::5", true);
	both("2001:db8::4", false);
}

static void denies_some(void **state)
{
	(void)state;
	begin();
	deny("192.0.2.0/24 multicast link-local");
	allow("192.0.2.128/25");
	both("192.0.2.1", false);
	both("192.0.2.129", true);
	both("198.51.100.1", true);
	both("224.0.0.251", false);
	both("240.0.0.1", true);
	both("169.254.3.4", false);
	both("ff02::fb", false);
	both("fe80::1", false);
	both("fe80:0:0:1::1", true);
	both("2001:db8::1", true);
}

static void denies_everything(void **state)
{
	static const uint8_t other[40] = {0x50}, cut[10] = {0x45};
	(void)state;
	begin();
	deny("any");
	both("192.0.2.1", false);
	both("::1", false);
	allow("any");
	both("192.0.2.1", true);
	both("::1", true);
	assert_int_equal(run(other, sizeof(other), NULL), 0); /* neither version */
	conf.allow.count = 0;
	deny("");
	deny("192.0.2.0/24");
	both("192.0.3.1", true);
	assert_int_equal(run(cut, sizeof(cut), NULL), 0);
}

static void the_longest_list_fits(void **state)
{
	char text[64];
	(void)state;
	begin();
	for (unsigned i = 0; i < CGROUP_MAX_PREFIXES; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::/80", i);
		allow(text);
		snprintf(text, sizeof(text), "2001:db9:%x::/80", i);
		deny(text);
	}
	both("2001:db8:3f::1", true);
	both("2001:db9:3f::1", false);
	both("2001:dba:3f::1", true);
}

static void refuses_what_is_no_prefix(void **state)
{
	static const char *const bad[] = {"10.0.0.0/33", "10.0.0/8", "fd00::/129", "fd00::1/8",
		"10.0.0.1/8", "1.2.3.4/", "anybody", "10.0.0.0/08x"};
	(void)state;
	begin();
	diag_silence(true);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(cgroup_set_address_deny(&conf, span_of(bad[i]), &diag), -EINVAL);
	free(diag.first);
	diag_silence(false);
}

/* ---- devices ---- */

static uint8_t plan_buf[65536] __attribute__((aligned(8)));
static char strings[4096];
static struct plan_writer w;
static struct cgroup_node nodes[CGROUP_DEVICE_INSNS];
static size_t node_count;

static void device(const char *words)
{
	assert_int_equal(cgroup_set_device_allow(&conf, span_of(words), &diag), 0);
}

static void make_program(const char *const *names, size_t n)
{
	struct span list[8];
	struct wall_context context = {.nodes = list, .node_count = n};
	for (size_t i = 0; i < n; i++)
		list[i] = span_of(names[i]);
	plan_write_begin(&w, plan_buf, sizeof(plan_buf), strings, sizeof(strings), 0);
	count = cgroup_device_program(&conf, &context, code, CGROUP_DEVICE_INSNS, nodes, &node_count,
		&w);
	assert_true(count > 0);
	verify(BPF_PROG_TYPE_CGROUP_DEVICE);
}

/* As the cell fills it in. */
static void fill(size_t node, uint32_t type, int32_t major, int32_t minor)
{
	struct bpf_insn *insn = (struct bpf_insn *)(void *)&code[nodes[node].at];
	assert_true(node < node_count);
	insn[0].imm = (int32_t)type;
	insn[1].imm = major;
	insn[2].imm = minor;
}

static bool may(char type, uint32_t major, uint32_t minor, uint32_t access)
{
	struct bpf_cgroup_dev_ctx context = {.access_type = access << 16 |
			(type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
		.major = major,
		.minor = minor};
	return run(NULL, 0, &context) == 1;
}

enum { M = BPF_DEVCG_ACC_MKNOD, R = BPF_DEVCG_ACC_READ, W = BPF_DEVCG_ACC_WRITE };

static void the_standard_nodes_and_no_others(void **state)
{
	(void)state;
	begin();
	device("standard");
	assert_true(conf.devices_given);
	make_program(NULL, 0);
	assert_true(may('c', 1, 3, R | W | M));
	assert_true(may('c', 5, 0, R | W));
	assert_false(may('b', 1, 3, R));
	assert_false(may('c', 1, 1, R)); /* mem */
	assert_false(may('c', 5, 1, R)); /* console */
	assert_false(may('b', 254, 0, R));
	assert_false(may('c', 136, 0, R));
}

static void by_number_and_by_path(void **state)
{
	static const char *const view[] = {"rtc0", "pts", "-ttyS9", "ttyS1"};
	(void)state;
	begin();
	device("c 188:* rw");
	device("b 7:3 r");
	device("/dev/ttyS1 r");
	device("-/dev/sda");
	make_program(view, 4);
	assert_int_equal(node_count, 5);
	fill(0, BPF_DEVCG_DEV_CHAR, 4, 65);
	fill(1, 0, 0, 0); /* it is not there */
	fill(2, BPF_DEVCG_DEV_CHAR, 254, 0);
	fill(3, 0, 0, 0);
	fill(4, BPF_DEVCG_DEV_CHAR, 4, 65);
	assert_true(nodes[1].optional && nodes[3].optional && !nodes[0].optional);
	assert_true(may('c', 188, 77, R | W));
	assert_false(may('c', 188, 77, M));
	assert_false(may('c', 189, 77, R));
	assert_true(may('b', 7, 3, R));
	assert_false(may('b', 7, 3, W));
	assert_false(may('b', 7, 4, R));
	assert_true(may('c', 4, 65, R));
	assert_false(may('c', 4, 65, W)); /* DeviceAllow narrows what Devices shows */
	assert_true(may('c', 4, 65, M));  /* the cell makes the node */
	assert_true(may('c', 254, 0, R | W));
	assert_true(may('c', 136, 9, R | W));
	assert_true(may('c', 5, 2, R | W));
	assert_false(may('c', 0, 0, R));
	assert_false(may('b', 8, 0, R));
}

static void the_longest_list_of_devices_fits(void **state)
{
	char text[32];
	(void)state;
	begin();
	for (unsigned i = 0; i < CGROUP_MAX_DEVICES; i++) {
		snprintf(text, sizeof(text), "c 200:%u rw", i);
		device(text);
	}
	make_program(NULL, 0);
	assert_true(may('c', 200, CGROUP_MAX_DEVICES - 1, R | W));
	assert_false(may('c', 200, CGROUP_MAX_DEVICES, R | W));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_denied_is_no_program),
		cmocka_unit_test(denies_all_but),
		cmocka_unit_test(denies_some),
		cmocka_unit_test(denies_everything),
		cmocka_unit_test(the_longest_list_fits),
		cmocka_unit_test(refuses_what_is_no_prefix),
		cmocka_unit_test(the_standard_nodes_and_no_others),
		cmocka_unit_test(by_number_and_by_path),
		cmocka_unit_test(the_longest_list_of_devices_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
