/* SPDX-License-Identifier: MIT
 * What the filter allows, as rules of the policy: what the filter refuses is not granted there
 * either. Asks the filter itself.
 */
#include "walls/seccomp/conf.h"
#include "base/count.h"
#include "walls/module.h"
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define BIT(n) (1ull << (n))

static bool lets(const struct seccomp_conf *conf, const char *call, uint64_t first, uint64_t third)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	static const struct seccomp_conf *made_for;
	static size_t n;
	const uint64_t args[6] = {first, 0, third};
	if (made_for != conf)
		n = seccomp_program(conf, insn);
	made_for = conf;
	return seccomp_lets(insn, n, call, args);
}

bool seccomp_speaks(const struct seccomp_conf *conf, int family, int protocol)
{
	return lets(conf, "socket", (uint64_t)family, (uint64_t)protocol);
}

/* Memory that is first written and then run. ARM has mmap2 alone, others do not have it. */
static bool runs_what_it_wrote(const struct seccomp_conf *conf)
{
	const uint64_t all = PROT_READ | PROT_WRITE | PROT_EXEC;
	return lets(conf, "mmap", 0, all) || lets(conf, "mmap2", 0, all) ||
		lets(conf, "mprotect", 0, PROT_READ | PROT_EXEC);
}

static const struct {
	int family;
	int capability; /* -1: none needed */
	const char *class;
} rare[] = {
	{AF_PACKET, CAP_NET_RAW, "packet_socket"},
	{AF_CAN, -1, "can_socket"},
	{AF_BLUETOOTH, -1, "bluetooth_socket"},
	{AF_VSOCK, -1, "vsock_socket"},
	{AF_ALG, -1, "alg_socket"},
};

static void families(struct cil *c, const struct seccomp_conf *conf, uint64_t powers)
{
	cil_why(c, "families that its filter lets through");
	if (seccomp_speaks(conf, AF_NETLINK, 0))
		cil_rule(c, "(allow %s self ask_routes)", cil_domain(c));
	for (size_t i = 0; i < COUNT(rare); i++) {
		if (seccomp_speaks(conf, rare[i].family, 0) &&
			(rare[i].capability < 0 || powers & BIT(rare[i].capability)))
			cil_rule(c,
				"(allow %s self (%s (create getattr setattr setopt getopt read write bind connect listen accept shutdown ioctl)))",
				cil_domain(c), rare[i].class);
	}
}

void seccomp_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	families(c, conf, context->bounding);
	cil_why(c, "its filter lets it run what it has written");
	if (runs_what_it_wrote(conf))
		cil_rule(c, "(call run_written_memory (%s))", cil_domain(c));
}
