// needs: log/line.c base/ring.c base/fmt.c
/* SPDX-License-Identifier: MIT
 * What a service writes, cut anywhere, at any time, with and without room: the ring stays inside its bytes.
 */
#include "log/log.h"
#include <string.h>

#define SIZE (16u * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t bytes[SIZE / sizeof(uint64_t)];
static struct log l;
static int room;

int log_store_reserve(struct log_service *service, uint32_t n)
{
	(void)service;
	(void)n;
	return room;
}

void log_store_open(struct log *log, struct log_service *service, struct log_time now)
{
	(void)log;
	service->retry_ms = now.ms + LOG_RETRY_MS;
}

void log_kmsg_write(const struct log *log, const char *name, uint8_t level, const char *p, size_t n)
{
	static volatile char sum;

	(void)log;
	sum = (char)(name[0] + level);
	for (size_t i = 0; i < n; i++)
		sum = (char)(sum ^ p[i]);
}

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

		room = what & 1 ? -28 : 0;
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
