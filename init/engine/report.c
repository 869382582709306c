/* SPDX-License-Identifier: MIT
 * Reports: see report.h. */
#include "engine/report.h"
#include "engine/receive.h"
#include <errno.h>

int report_look(int fd, struct report *r, int *passed)
{
	ssize_t n = receive_passed(fd, r, sizeof(*r), passed);
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n != (ssize_t)sizeof(*r))
		return -1;
	r->step[sizeof(r->step) - 1] = r->detail[sizeof(r->detail) - 1] = 0;
	return 1;
}
