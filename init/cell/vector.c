/* SPDX-License-Identifier: MIT
 * Arguments and environment as execve(2) takes them: pointers into the plan or c->space.
 */
#include "cell/cell.h"
#include <errno.h>

int cell_append(struct cell_vector *w, const char *word)
{
	if (w->count == CELL_MAX_STRINGS)
		return -E2BIG;
	w->at[w->count++] = (char *)(uintptr_t)word; /* execve(2) only reads it */
	return 0;
}

int cell_append_list(const struct cell *c, struct cell_vector *w, struct plan_list list)
{
	const plan_str *text = plan_elements(&c->plan, list, sizeof(*text));
	int err = !text && list.count ? -EINVAL : 0;
	for (uint32_t i = 0; i < list.count && err == 0; i++)
		err = cell_append(w, plan_text(&c->plan, text[i]));
	return err;
}
