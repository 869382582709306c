// needs: log/line.c log/entry.c base/ring.c base/fmt.c tests/unit/log_stub.c
/* SPDX-License-Identifier: MIT
 * What a service writes, cut anywhere, at any time, with and without room: the ring stays inside
 * its bytes.
 */
#include "unit/log_stub.h"
#include <string.h>

#define SIZE (16u * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t bytes[SIZE / sizeof(uint64_t)];
static struct log l;

/* Records of two bytes (what happens, how many bytes follow) and their text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_service *s = &l.service[0];
	struct log_time now = {0};
	memset(s, 0, sizeof(*s));
	memset(bytes, 0, sizeof(bytes));
	ring_format(&s->ring, bytes, SIZE, 0, 0);
	s->used = s->forward = true;
	strcpy(s->name, "svc");
	while (size >= 2) {
		uint8_t what = data[0];
		size_t n = data[1] < size - 2 ? data[1] : size - 2;
		log_stub_room = what & 1 ? -28 : 0;
		s->rate.burst = what & 2 ? 3 : 0;
		s->rate.interval_ms = 100;
		now.ms += what & 0xf0;
		now.ns = now.ms * 1000000;
		for (unsigned again = what & 4 ? 20 : 1; again > 0; again--)
			log_line_feed(&l, s, (const char *)data + 2, n, now);
		if (what & 8)
			log_line_flush(&l, s, now);
		log_line_report(&l, s, now);
		data += 2 + n;
		size -= 2 + n;
	}
	return 0;
}
