/* SPDX-License-Identifier: MIT
 * Its capabilities, over the host or inside its user namespace, and what goes with them.
 */
#include "walls/capabilities/conf.h"
#include "base/count.h"
#include "walls/module.h"
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#define BIT(n) (1ull << (n))

/* What no domain of a service has (rootfs/selinux/assertions.cil). */
#define WITHHELD \
	(BIT(CAP_SYS_MODULE) | BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_BOOT) | BIT(CAP_MAC_ADMIN) | \
		BIT(CAP_MAC_OVERRIDE))

static void list_capabilities(struct cil *c, const char *class, uint64_t set)
{
	char text[1024];
	if (set == 0)
		return;
	capabilities_text(set, text, sizeof(text));
	for (char *at = text; *at; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	size_t n = 0; /* the names without their cap_ */
	for (char *at = text; *at; at++) {
		if ((at == text || at[-1] == ' ') && strncmp(at, "cap_", 4) == 0)
			at += 4;
		text[n++] = *at;
	}
	text[n] = '\0';
	if (n > 0)
		cil_rule(c, "(allow %s self (%s (%s)))", cil_domain(c), class, text);
}

static const struct {
	int capability;
	const char *rule;
} companions[] = {
	{CAP_SYSLOG, "(allow %s kernel_t (system (syslog_read syslog_mod syslog_console)))"},
	{CAP_AUDIT_WRITE,
		"(allow %s self (netlink_audit_socket (create getattr read write bind nlmsg_relay)))"},
	{CAP_BPF, "(allow %s self (bpf (map_create map_read map_write prog_load prog_run)))"},
	{CAP_PERFMON, "(allow %s self (perf_event (open cpu kernel tracepoint read write)))"},
	{CAP_NET_ADMIN, "(call manage_network (%s))"},
};

void capabilities_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	bool own = context->own_user;
	uint64_t set = context->bounding, withheld = own ? 0 : set & WITHHELD;
	char names[256], rule[160];
	(void)conf;
	cil_why(c, own ? "capabilities inside its user namespace" : "capabilities");
	list_capabilities(c, own ? "cap_userns" : "capability", set & ~withheld & UINT32_MAX);
	list_capabilities(c, own ? "cap2_userns" : "capability2",
		set & ~withheld & ~(uint64_t)UINT32_MAX);
	if (withheld)
		cil_withheld(c, "%s, which no service's domain has",
			capabilities_text(withheld, names, sizeof(names)));
	for (size_t i = 0; i < COUNT(companions); i++) {
		if (!(set & BIT(companions[i].capability)))
			continue;
		snprintf(rule, sizeof(rule), companions[i].rule, cil_domain(c));
		cil_rule(c, "%s", rule);
	}
}
