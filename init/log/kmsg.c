/* SPDX-License-Identifier: MIT
 * Copies of lines for the kernel's log, for a device whose only memory of a crash is pstore or a
 * serial console.
 */
#include "base/fmt.h"
#include "log/log.h"
#include <fcntl.h>
#include <unistd.h>

/* the kernel refuses records of more than about 1000 bytes (LOG_LINE_MAX in kernel/printk) */
#define KMSG_TEXT_MAX 800

void log_kmsg_open(struct log *l)
{
	if (l->kmsg < 0)
		l->kmsg = open("/dev/kmsg", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void log_kmsg_write(const struct log *l, const char *name, uint8_t level, const char *text,
	size_t n)
{
	char record[KMSG_TEXT_MAX + CONFIG_MAX_NAME + 16];
	struct fmt f;
	if (l->kmsg < 0)
		return;
	fmt_init(&f, record, sizeof(record));
	fmt_char(&f, '<');
	fmt_u64(&f, level);
	fmt_strs(&f, ">", name, ": ", NULL);
	/* consoles print the record as it is: a service must not be able to send them escape
	 * sequences */
	for (size_t i = 0; i < n && i < KMSG_TEXT_MAX; i++)
		fmt_char(&f, (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i]);
	fmt_char(&f, '\n'); /* without it the kernel keeps the record open until the next one */
	/* a copy: what the kernel does not take now (rate limit, EAGAIN) is in the ring all the same */
	if (write(l->kmsg, record, f.len) < 0)
		return;
}
