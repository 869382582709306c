/* SPDX-License-Identifier: MIT
 * What two services may not both have: see check.h. Ranges of ids, users, interfaces on the host,
 * directories below /run; and what is bulkhead's own.
 */
#include "base/count.h"
#include "base/hash.h"
#include "compile/check/check.h"
#include "compile/files/files.h"
#include <stdio.h>
#include <string.h>

/* ---- ranges of ids ---- */

static uint32_t range_of(const struct service *s)
{
	uint32_t slot = (uint32_t)(hash_bytes(HASH_INIT, s->name, strlen(s->name)) % ID_SLOTS);
	return s->namespaces.id_range ? s->namespaces.id_range : (ID_FIRST + slot) * ID_RANGE;
}

void check_assign_ids(struct set *set)
{
	for (size_t i = 0; i < set->count; i++)
		set->service[i]->id_base = range_of(set->service[i]);
}

static bool has_range(const struct service *s)
{
	return s->namespaces.own & NS_USER && s->unit.type != TYPE_GROUP;
}

static const struct service *owner_of_range(const struct set *set, uint32_t base,
	const struct service *but)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct service *s = set->service[i];
		if (s != but && has_range(s) && s->id_base == base)
			return s;
	}
	return NULL;
}

/* Among those that no name gives. A set is far smaller than their number, so there is one. */
static uint32_t free_range(const struct set *set, uint32_t base)
{
	uint32_t pin = base / ID_RANGE % ID_PINS;
	while (owner_of_range(set, (ID_FIRST + ID_SLOTS + pin) * ID_RANGE, NULL))
		pin = (pin + 1) % ID_PINS;
	return (ID_FIRST + ID_SLOTS + pin) * ID_RANGE;
}

/* Whether a directory that it keeps lies on this device and belongs to its range: it has run here
 * with that before. In a build nobody knows. */
static bool has_files(const struct service *s)
{
	char path[FILESYSTEM_PATH];
	struct stat st;
	for (unsigned k = DIRECTORY_STATE; files_on_device() && k <= DIRECTORY_LOGS; k++)
		for (size_t i = 0; filesystem_directory_path(&s->filesystem, k, i, path); i++)
			if (files_stat(path, &st) == 0 && st.st_uid >= s->id_base &&
				st.st_uid - s->id_base < ID_RANGE)
				return true;
	return false;
}

/* Whether the other one's finding names this service already. */
static bool is_said(const struct set *set, const struct service *s, const struct service *other)
{
	return strcmp(other->name, s->name) < 0 && !other->extra && !other->logger &&
		owner_of_range(set, s->id_base, other) == s;
}

/* Of two with the same range the newer one is refused where files on the device tell which that
 * is, and else both: the newer must not get at what the other may have by now. */
static void check_range(const struct set *set, struct service *s)
{
	bool has = has_files(s);
	for (size_t i = 0; i < set->count; i++) {
		const struct service *other = set->service[i];
		bool its = other != s && has_range(other) && other->id_base == s->id_base;
		if (!its || (has && !has_files(other)))
			continue;
		bool older = !has && has_files(other);
		diag_silence(s->extra || (!older && is_said(set, s, other)));
		diag_error(service_at(s, D_Namespaces_IdRange),
			"the service %s has the same range of ids, %u, %s: say IdRange = %u %s", other->name,
			s->id_base, older ? "and files on this device" : "so neither starts",
			free_range(set, s->id_base), older ? "here" : "in the newer of the two");
		return;
	}
}

/* Nothing takes the log away. */
static void check_ranges(struct set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct service *s = set->service[i];
		diag_silence(s->extra);
		if (has_range(s) && !s->logger)
			check_range(set, s);
		if (s->namespaces.id_range && !(s->namespaces.own & NS_USER))
			diag_error(service_at(s, D_Namespaces_IdRange),
				"has no effect with User = host: leave out one of the two");
	}
}

/* ---- directories ---- */

/* The first name of both that is the same directory, or one in the other: it is emptied, and
 * given to another, at each start of its service. */
static const struct span *shared_runtime(const struct service *s, const struct service *other)
{
	const struct filesystem_conf *a = &s->filesystem, *b = &other->filesystem;
	for (size_t i = 0; i < a->directory[DIRECTORY_RUNTIME].count; i++) {
		for (size_t k = 0; k < b->directory[DIRECTORY_RUNTIME].count; k++) {
			const struct span *mine = &a->directory[DIRECTORY_RUNTIME].name[i];
			struct span its = b->directory[DIRECTORY_RUNTIME].name[k];
			if (span_below(*mine, its) || span_below(its, *mine))
				return mine;
		}
	}
	return NULL;
}

/* bulkhead's own: its sockets and its state, everybody's logs, the random seed and what is known of
 * earlier boots. */
static void check_reserved(struct service *s)
{
	static const struct {
		enum directory_kind kind;
		unsigned directive;
		const char *name, *path;
	} reserved[] = {
		{DIRECTORY_RUNTIME, D_Service_RuntimeDirectory, "bulkhead", "/run/bulkhead"},
		{DIRECTORY_RUNTIME, D_Service_RuntimeDirectory, "log", "/run/log"},
		{DIRECTORY_STATE, D_Service_StateDirectory, "bulkhead", "/var/lib/bulkhead"},
	};
	for (size_t k = 0; k < COUNT(reserved); k++) {
		for (size_t i = 0; i < s->filesystem.directory[reserved[k].kind].count; i++) {
			struct span name = s->filesystem.directory[reserved[k].kind].name[i];
			if (span_below(name, span_of(reserved[k].name)))
				diag_error(service_at_word(s, reserved[k].directive, name),
					"%s is bulkhead's own: choose another name", reserved[k].path);
		}
	}
}

static void check_directories(struct set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct service *s = set->service[i];
		diag_silence(s->extra);
		if (!s->logger)
			check_reserved(s);
		for (size_t k = 0; k < set->count && !s->logger; k++) {
			const struct service *other = set->service[k];
			const struct span *name = k == i || other->logger ? NULL : shared_runtime(s, other);
			if (name)
				diag_error(service_at_word(s, D_Service_RuntimeDirectory, *name),
					"%.*s meets a RuntimeDirectory of the service %s, and each is emptied when its service stops: choose another name",
					SPAN_ARGS(*name), other->name);
		}
	}
}

void check_together(struct set *set)
{
	char first[NETWORK_NAME_MAX], second[NETWORK_NAME_MAX];
	for (size_t i = 0; i < set->count; i++) {
		struct service *s = set->service[i];
		for (size_t k = 0; CONFIG_INTERFACES && k < i && s->network.bridge.n; k++) {
			const struct service *other = set->service[k];
			if (other->network.bridge.n == 0 ||
				!span_same(network_host_end(&s->network, s->name, first),
					network_host_end(&other->network, other->name, second)))
				continue;
			diag_silence(s->extra);
			diag_error(service_at(s, D_Namespaces_VirtualEthernet),
				"%s has the same host-name=, %.*s: choose another one", other->name,
				SPAN_ARGS(network_host_end(&s->network, s->name, first)));
		}
	}
	check_ranges(set);
	check_directories(set);
	check_replaced(set);
	diag_silence(false);
}
