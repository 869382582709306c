/* SPDX-License-Identifier: MIT
 * Between the files of this wall's report half.
 */
#pragma once
#include "walls/report.h"
#include "walls/seccomp/conf.h"

/* What its filter lets through of sockets beyond what that of `usual` does. */
void security_sockets(const struct security_look *l, const struct security_row *row,
	const struct seccomp_conf *usual);
