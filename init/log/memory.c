/* SPDX-License-Identifier: MIT
 * Memory behind a ring's mapping, claimed before it is touched: see store.c.
 */
#include "log/log.h"
#include <errno.h>
#include <unistd.h>

static char zeros[LOG_PAGE_BYTES]; /* never written, so it costs neither file nor memory */

int log_store_back(int file, size_t *backed, size_t size, size_t need)
{
	while (*backed < need) {
		size_t part = size - *backed < LOG_PAGE_BYTES ? size - *backed : LOG_PAGE_BYTES;
		ssize_t n = pwrite(file, zeros, part, (off_t)*backed);
		if (n <= 0)
			return n ? -errno : -EIO;
		*backed += (size_t)n;
	}
	return 0;
}

int log_store_reserve(struct log_service *s, uint32_t n)
{
	return log_store_back(s->file, &s->backed, s->size, ring_extent(&s->ring, n));
}
