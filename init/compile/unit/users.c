/* SPDX-License-Identifier: MIT
 * passwd(5) and group(5), and what follows from them for a service's ids: see users.h.
 */
#include "compile/unit/users.h"
#include "base/num.h"
#include "compile/files/files.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ID 1000
#define NO_ID 65535u /* the old "nobody at all"; UINT32_MAX means "leave as it is" to the kernel */
#define MAX_FILE_KB 512

struct table {
	struct span text;
	bool read;
};

static struct {
	struct table passwd, group;
	bool trust_names;
} known;

void users_trust_names(void)
{
	known.trust_names = true;
}

static const struct table *load_table(struct table *t, const char *path)
{
	if (!t->read)
		files_read(path, false, MAX_FILE_KB, &t->text, NULL);
	t->read = true;
	return t;
}

/* The i-th field between colons. */
static struct span field(struct span line, unsigned i)
{
	struct span part = {NULL, 0};
	for (;; i--)
		if (!span_part(&line, ':', &part))
			return (struct span){NULL, 0};
		else if (i == 0)
			return part;
}

static int id_of(struct span text, uint32_t *id)
{
	uint64_t n = 0;
	if (num_u64(text, UINT32_MAX - 1, &n) < 0)
		return -EINVAL;
	*id = (uint32_t)n;
	return 0;
}

static bool find_entry(const struct table *t, struct span name, struct span *found)
{
	struct span rest = t->text;
	while (span_text_line(&rest, found))
		if (span_same(field(*found, 0), name))
			return true;
	return false;
}

static int unknown(const struct table *t, const char *what, const char *file, struct span name,
	struct diag *d)
{
	struct span rest = t->text, line;
	struct nearest near;
	nearest_begin(&near, name);
	while (span_text_line(&rest, &line))
		nearest_try(&near, field(line, 0));
	return diag_error(d, "there is no %s \"%.*s\" in %s%s", what, SPAN_ARGS(name), file,
		nearest_hint(&near));
}

static int resolve_group(struct span name, uint32_t *gid, struct diag *d)
{
	struct span line;
	if (id_of(name, gid) == 0)
		return 0;
	if (find_entry(load_table(&known.group, "/etc/group"), name, &line))
		return id_of(field(line, 2), gid) == 0
			? 0
			: diag_error(d, "the line of \"%.*s\" in /etc/group has no number", SPAN_ARGS(name));
	if (span_is(name, "root")) {
		*gid = 0;
		return 0;
	}
	if (known.trust_names && !files_have_root()) {
		*gid = DEFAULT_ID;
		return 0;
	}
	return unknown(&known.group, "group", "/etc/group", name, d);
}

static int find_user(struct span name, uint32_t *uid, uint32_t *gid, const char **home,
	struct diag *d)
{
	struct span line;
	*home = NULL;
	if (id_of(name, uid) == 0) {
		*gid = *uid;
		return 0;
	}
	if (find_entry(load_table(&known.passwd, "/etc/passwd"), name, &line)) {
		struct span path = field(line, 5);
		if (id_of(field(line, 2), uid) < 0 || id_of(field(line, 3), gid) < 0)
			return diag_error(d, "the line of \"%.*s\" in /etc/passwd has no numbers",
				SPAN_ARGS(name));
		*home = path.n ? strndup(path.p, path.n) : NULL;
		return 0;
	}
	/* Root is 0 by the kernel's word; a rescue plan must not need a file for it. */
	if (span_is(name, "root")) {
		*uid = *gid = 0;
		return 0;
	}
	if (known.trust_names && !files_have_root())
		return 0;
	return unknown(&known.passwd, "user", "/etc/passwd", name, d);
}

int users_find(struct span name, uint32_t *uid, uint32_t *gid, struct diag *d)
{
	const char *home;
	*uid = *gid = DEFAULT_ID;
	return find_user(name, uid, gid, &home, d);
}

int users_find_group(struct span name, uint32_t *gid, struct diag *d)
{
	return resolve_group(name, gid, d);
}

static void add_group(struct service *s, uint32_t gid, struct diag *d)
{
	for (size_t i = 0; i < s->ids.group_count; i++)
		if (s->ids.groups[i] == gid)
			return;
	if (gid == s->ids.gid)
		return;
	if (s->ids.group_count == IDENTITY_MAX_GROUPS)
		diag_error(d, "more than %d groups", IDENTITY_MAX_GROUPS);
	else
		s->ids.groups[s->ids.group_count++] = gid;
}

/* The groups that list this user as a member; as for a login, but only where ids are the host's:
 * inside a private range no account would have them. */
static void add_memberships(struct service *s, struct diag *d)
{
	struct span rest = load_table(&known.group, "/etc/group")->text, line;
	while (span_text_line(&rest, &line)) {
		struct span members = field(line, 3), one;
		uint32_t gid = 0;
		while (span_part(&members, ',', &one))
			if (span_same(one, s->identity.user) && id_of(field(line, 2), &gid) == 0)
				add_group(s, gid, d);
	}
}

/* Ids beyond the range do not exist inside. */
static void check_range(struct service *s)
{
	if (s->ids.uid >= NO_ID)
		diag_error(service_at(s, D_Service_User),
			"user id %u does not exist in a private user namespace, which has 0 to 65534",
			s->ids.uid);
	else if (s->ids.gid >= NO_ID)
		diag_error(service_at(s, D_Service_Group),
			"group id %u does not exist in a private user namespace, which has 0 to 65534",
			s->ids.gid);
	for (size_t i = 0; i < s->ids.group_count; i++) {
		if (s->ids.groups[i] >= NO_ID)
			diag_error(service_at(s, D_Service_SupplementaryGroups),
				"group id %u does not exist in a private user namespace, which has 0 to 65534",
				s->ids.groups[i]);
	}
}

void users_resolve(struct service *s)
{
	struct diag *d = service_at(s, D_Service_User);
	bool own = s->namespaces.own & NS_USER;
	s->ids.uid = s->ids.gid = DEFAULT_ID;
	s->ids.kernel_base = own ? s->id_base : 0;
	if (s->identity.user.n > 0 &&
		find_user(s->identity.user, &s->ids.uid, &s->ids.gid, &s->home, d) < 0)
		return;
	if (s->identity.group.n > 0 &&
		resolve_group(s->identity.group, &s->ids.gid, service_at(s, D_Service_Group)) < 0)
		return;
	if (!own && s->identity.user.n > 0)
		add_memberships(s, d);
	for (size_t i = 0; i < s->identity.supplementary_count; i++) {
		uint32_t gid = 0;
		d = service_at_word(s, D_Service_SupplementaryGroups, s->identity.supplementary[i]);
		if (resolve_group(s->identity.supplementary[i], &gid, d) == 0)
			add_group(s, gid, d);
	}
	if (own)
		check_range(s);
}
