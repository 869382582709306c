/* SPDX-License-Identifier: MIT
 * The namespaces of the process against the host's, and its maps of ids (user_namespaces(7)).
 */
#include "walls/namespaces/conf.h"
#include "base/count.h"
#include "base/num.h"
#include "walls/report.h"
#include <stdio.h>
#include <string.h>

/* Its first line. */
static bool read_map(const char *text, uint64_t id[static 3])
{
	struct span line = {text, strcspn(text, "\n")}, word;
	for (unsigned i = 0; i < 3; i++)
		if (!span_field(line, i, &word) || num_u64(word, UINT32_MAX, &id[i]) < 0)
			return false;
	return true;
}

static void look_at_map(struct look *l, const char *file)
{
	char text[256], asked[64], found[64];
	uint64_t id[3]; /* inside, outside, how many */
	if (!(l->context->own_user) || l->absent & OPTIONAL_USER)
		return;
	snprintf(asked, sizeof(asked), "0 is %u, %u ids", l->context->id_base, PLAN_ID_RANGE);
	if (look_file(l, file, text, sizeof(text)) <= 0 || !read_map(text, id)) {
		look_row(l, D_Namespaces_User, file, UNSEEN, asked, "");
		return;
	}
	snprintf(found, sizeof(found), "%u is %u, %u ids", (unsigned)id[0], (unsigned)id[1],
		(unsigned)id[2]);
	bool good = id[0] == 0 && id[1] == l->context->id_base && id[2] == PLAN_ID_RANGE &&
		strchr(text, '\n') == strrchr(text, '\n');
	look_row(l, D_Namespaces_User, file, good ? IN_FORCE : MISSING, asked, found);
}

void namespaces_look(struct look *l)
{
	const struct namespaces_conf *c = l->conf;
	static const struct {
		enum directive_id directive;
		const char *link;
		uint32_t bit, optional;
	} table[] = {
		{D_Namespaces_Mount, "ns/mnt", NS_MOUNT, 0},
		{D_Namespaces_PID, "ns/pid", NS_PID, 0},
		{D_Namespaces_IPC, "ns/ipc", NS_IPC, 0},
		{D_Namespaces_UTS, "ns/uts", NS_UTS, 0},
		{D_Namespaces_Cgroup, "ns/cgroup", NS_CGROUP, 0},
		{D_Namespaces_User, "ns/user", NS_USER, OPTIONAL_USER},
		{D_Namespaces_Time, "ns/time", NS_TIME, OPTIONAL_TIME},
	};
	char own[LOOK_LINK];
	bool private;
	for (size_t i = 0; i < COUNT(table); i++) {
		bool asked = c->own & table[i].bit;
		bool seen = look_at_namespace(l, table[i].link, own, &private);
		/* A service that is let into the host's may have left it by itself. */
		enum verdict v = !seen  ? UNSEEN
			: !asked || private ? IN_FORCE
								: look_lacking(l, table[i].optional);
		look_row(l, table[i].directive, "", v, asked ? "private" : "host",
			!seen         ? ""
				: private ? "private"
						  : "host");
	}
	look_at_map(l, "uid_map");
	look_at_map(l, "gid_map");
}
