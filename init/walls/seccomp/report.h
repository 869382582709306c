/* SPDX-License-Identifier: MIT
 * Shared by the files of this wall's report half.
 */
#pragma once
#include "walls/report.h"
#include "walls/seccomp/conf.h"

/* Reports sockets that the service's filter allows and the filter of `usual` does not. */
void security_sockets(const struct security_look *l, const struct security_row *row,
	const struct seccomp_conf *usual);
