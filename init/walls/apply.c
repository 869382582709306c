/* SPDX-License-Identifier: MIT
 * The failure record of the apply halves: the object of a failure, beside the errno that is
 * returned.
 */
#include "walls/apply.h"
#include "base/feature.h"
#include "base/fmt.h"
#include <errno.h>

int wall_failed(struct wall_why *why, int err, const char *what)
{
	return wall_failed2(why, err, what, NULL);
}

int wall_lacking(struct wall_why *why, uint32_t bit, int err, const char *what)
{
	if (!(why->optional & bit))
		return wall_failed2(why, err, what, "is not in this kernel");
	why->absent |= bit;
	return 0;
}

int wall_left_out(struct wall_why *why, uint32_t bit, const char *option)
{
	if (!(why->optional & bit))
		return wall_failed2(why, -EOPNOTSUPP, FEATURE_WITHOUT, option);
	why->absent |= bit;
	return 0;
}

int wall_failed2(struct wall_why *why, int err, const char *what, const char *about)
{
	struct fmt f;
	fmt_init(&f, why->text, sizeof(why->text));
	fmt_str(&f, what ? what : "");
	if (about && about[0])
		fmt_strs(&f, what && what[0] ? " " : "", about, NULL);
	return err;
}
