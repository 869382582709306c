/* SPDX-License-Identifier: MIT
 * What is done, in which order: see data.h.
 */
#include "data/data.h"
#include "base/version.h"
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PLAN_FD 1

static bool open_plan(struct plan *p)
{
	struct stat st;
	if (fstat(PLAN_FD, &st) < 0 || st.st_size <= 0)
		return false;
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, PLAN_FD, 0);
	return at != MAP_FAILED && plan_open(p, at, (size_t)st.st_size, plan_native_arch()) == PLAN_OK;
}

static void boot(const struct plan *p, const struct plan_machine *m, bool again)
{
	bool mounted = data_mount(p, &m->data);
	if (!again)
		data_reset(p, m, mounted);
	data_overlays(p, m, mounted);
	if (m->seed_file)
		data_seed_load(plan_text(p, m->seed_file), m->seed_credit != 0);
	if (mounted)
		data_delete_old(plan_text(p, m->data.target));
}

int main(int argc, char **argv)
{
	struct plan p;
	int version = version_asked("bulkhead-data", argc, argv);
	if (version >= 0)
		return version;
	umask(022);
	if (argc != 2 || !open_plan(&p)) {
		data_say(DATA_ERROR, 0, "bulkhead-data: no plan: this program is PID 1's", NULL);
		return 1;
	}
	const struct plan_machine *m = &plan_header(&p)->machine;
	if (strcmp(argv[1], "boot") == 0 || strcmp(argv[1], "again") == 0) {
		boot(&p, m, *argv[1] == 'a');
	} else if (strcmp(argv[1], "save") == 0 && m->seed_file) {
		int err = data_seed_save(plan_text(&p, m->seed_file));
		if (err < 0)
			data_say(DATA_ERROR, err, "random seed: ", plan_text(&p, m->seed_file), ": not saved",
				NULL);
	}
	return 0;
}
