/* SPDX-License-Identifier: MIT
 * The policy's names for the nodes of /dev.
 */
#include "report/selinux/cil.h"
#include "base/count.h"
#include <string.h>

static const struct {
	const char *name; /* ends in '*': whatever begins so */
	/* of its node, where that hangs on the name; NULL: on the parent, or it is a disk */
	const char *type;
	const char *rule;
} known[] = {
	{"*", NULL, "(call use_all_devices (%s))"},
	{"pts", NULL, "(call use_terminals (%s))"},
	{"net/tun", "tun_device_t", "(call use_tun (%s))"},
	{"hwrng", "random_device_t", NULL}, /* as random: everybody's */
	{"kmsg", "kmsg_device_t", "(allow %s kmsg_device_t use_device)"},
	{"watchdog*", "watchdog_device_t", "(allow %s watchdog_device_t use_device)"},
	{"tty", "tty_device_t", "(allow %s tty_device_t use_device)"},
	{"console", "console_device_t", "(call use_console (%s))"},
	{"tty*", "console_device_t", "(call use_console (%s))"},
	{"hvc*", "console_device_t", "(call use_console (%s))"},
	{"rtc*", "clock_device_t", "(allow %s clock_device_t use_device)"},
	{"ptp*", "clock_device_t", "(allow %s clock_device_t use_device)"},
	{"pps*", "clock_device_t", "(allow %s clock_device_t use_device)"},
	{"gpiochip*", "gpio_device_t", "(allow %s gpio_device_t use_device)"},
	{"i2c-*", "gpio_device_t", "(allow %s gpio_device_t use_device)"},
	{"spidev*", "gpio_device_t", "(allow %s gpio_device_t use_device)"},
};

static const char *const disks[] = {"sd*", "vd*", "hd*", "mmcblk*", "nvme*", "loop*", "md*", "dm-*",
	"ram*", "zram*", "mtdblock*", "ubiblock*", "nbd*"};

static bool matches(struct span name, const char *pattern)
{
	size_t n = strlen(pattern);
	if (n > 1 && pattern[n - 1] == '*')
		return name.n > n - 1 && memcmp(name.p, pattern, n - 1) == 0;
	return span_is(name, pattern);
}

static struct span last_part(struct span name)
{
	for (size_t i = name.n; i-- > 0;)
		if (name.p[i] == '/')
			return (struct span){name.p + i + 1, name.n - i - 1};
	return name;
}

static void known_device(struct cil *c, struct span name, const char *type, const char *rule)
{
	struct span last = last_part(name);
	char text[128];
	if (type)
		cil_rule(c, "(call device_node (\"%.*s\" %s))", SPAN_ARGS(last), type);
	if (!rule)
		return;
	snprintf(text, sizeof(text), rule, c->domain);
	cil_rule(c, "%s", text);
}

void cil_device(struct cil *c, struct span name)
{
	for (size_t i = 0; i < COUNT(known); i++) {
		if (matches(name, known[i].name)) {
			known_device(c, name, known[i].type, known[i].rule);
			return;
		}
	}
	for (size_t i = 0; i < COUNT(disks); i++) {
		if (matches(name, disks[i])) {
			known_device(c, name, NULL, "(call use_disk (%s))");
			return;
		}
	}
	known_device(c, name, NULL, "(allow %s other_device_t use_device)");
}
