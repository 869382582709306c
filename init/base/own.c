/* SPDX-License-Identifier: MIT
 * Paths that belong to bulkhead: see own.h.
 */
#include "base/count.h"
#include "base/own.h"

static const struct {
	const char *path, *type; /* type: PID 1 mounts it */
	bool whole;              /* nobody mounts anything below it either */
} places[] = {
	{"/proc", "proc", false},
	{"/sys", "sysfs", false},
	{"/dev", "devtmpfs", false},
	{"/dev/pts", "devpts", true},
	{"/dev/shm", "tmpfs", false},
	{"/run", "tmpfs", false},
	{"/sys/fs/cgroup", "cgroup2", true},
	{"/sys/fs/selinux", "selinuxfs", true},
	{"/run/bulkhead", NULL, true},
	{"/run/log", NULL, true},
	{"/usr/lib/bulkhead", NULL, true},
};

enum own own_look(struct span path, const char **what)
{
	enum own found = OWN_NOT;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct span own = span_of(places[i].path);
		if (span_is(path, places[i].path) && places[i].type) {
			*what = places[i].type;
			return OWN_MOUNT;
		}
		if (found != OWN_NOT ||
			!(span_below(own, path) || (places[i].whole && span_below(path, own))))
			continue;
		*what = places[i].path;
		found = OWN_HIDDEN;
	}
	return found;
}
