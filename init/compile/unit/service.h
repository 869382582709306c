/* SPDX-License-Identifier: MIT
 * A service while it is compiled: the lines of its files, and each room's part of it.
 */
#pragma once
#include "base/config.h"
#include "compile/unit/directive_id.h"
#include "compile/unit/edge.h"
#include "compile/unit/sockets.h"
#include "compile/unit/statuses.h"
#include "compile/unit/timer.h"
#include "plan/format.h"
#include "walls/compile.h"
#include "walls/diagnose.h"
#include "compile/unit/rooms.def"

#define UNIT_MAX_COMMANDS 16 /* of one Exec list */
#define UNIT_MAX_ENVIRONMENT 64
#define UNIT_MAX_CONDITIONS 16

struct unit_command {
	struct span text; /* as written */
	struct place place;
};

/* [Service], except for what belongs to a wall. */
struct unit_conf {
	struct span description, instances, profile, working_directory, tty;
	unsigned type; /* enum plan_type */
	bool type_given;
	bool enabled, essential;
	struct {
		struct unit_command line[UNIT_MAX_COMMANDS];
		size_t count;
	} exec[EXEC_COUNT];
	struct unit_edge edge[CONFIG_MAX_EDGES];
	size_t edges;
	struct {
		uint16_t kind; /* enum plan_condition_kind */
		bool negate;
		struct span value;
	} condition[UNIT_MAX_CONDITIONS];
	size_t conditions;
	unsigned restart; /* enum plan_restart */
	uint32_t restart_ms, restart_max_ms, start_limit_interval_ms, start_ms, stop_ms, watchdog_ms;
	uint32_t runtime_ms, runtime_extra_ms;       /* 0 = no limit, nothing on top */
	unsigned start_limit_action, failure_action; /* enum plan_final */
	struct status_list statuses[STATUSES_COUNT];
	int kill_signal, notification_fd, reload_signal; /* reload_signal: 0 = none */
	bool notifies_reload;                            /* Type = notify-reload */
	unsigned notify_access;
	uint32_t start_limit_burst, optional_walls;    /* optional_walls: enum plan_optional */
	struct span environment[UNIT_MAX_ENVIRONMENT]; /* NAME=value, without quotes */
	struct span environment_file[PLAN_MAX_FILES];  /* with the - before it */
	struct span unset[UNIT_MAX_ENVIRONMENT];       /* NAME, or NAME=value */
	size_t environment_count, environment_files, unset_count;
	struct {
		uint32_t kind; /* enum plan_stdio_kind */
		struct span path;
	} stdio[3];
};

enum layer { LAYER_DEFAULTS, LAYER_PROFILE, LAYER_FILE, LAYER_DROP_IN };

struct assignment {     /* one line that has an effect */
	uint16_t directive; /* index into directives[] */
	uint8_t layer;
	struct place place;
	struct span value;
};

struct command { /* ready to run */
	char *path;
	char **argv;
	size_t argc;
	bool ignore_failure;
};

struct service {
	char name[CONFIG_MAX_NAME];
	char instance[CONFIG_MAX_NAME];
	const char *file; /* the file that defines it */
	struct diag diag;
	bool logger;
	bool module; /* named by --selinux */
	/* loaded only for dependencies: its diagnostics are not printed */
	bool extra;

	struct assignment *set;
	size_t set_count;

	struct unit_conf unit;
	/* Each wall's part, named after its room: namespaces, filesystem, … */
#define SERVICE_WALL(NAME, name) struct name##_conf name;
	PLAN_WALLS(SERVICE_WALL)
	struct sockets_conf sockets;
	struct timer_conf timer;

	struct identity_ids ids;
	uint32_t needs; /* bits of 1 << enum feature: options that its lines need */
	/* enum plan_optional: asked for, left out of this build, and in OptionalWalls */
	uint32_t absent;
	uint32_t id_base;
	const char *home;
	char **environment; /* NULL-terminated */
	size_t environment_count;
	struct command *exec[EXEC_COUNT];
	size_t exec_count[EXEC_COUNT];
	struct plan_edge *edge;
	size_t edges;
	uint32_t index;      /* in the plan */
	uint32_t network_of; /* 1 + index of the service whose private network it joins */
	bool joined;         /* another one joins its network */
};

struct set { /* all services, sorted by name */
	struct service *service[CONFIG_MAX_SERVICES];
	size_t count;
	size_t left_out; /* services that did not fit; each was reported as an error */
};

/* place.c. Sets the diagnostics' place to a line with this directive. */
void directive_place(struct diag *d, const struct place *at, enum directive_id directive);
/* The same for the last line with it, else for the service's file. Returns the diagnostics. */
struct diag *service_at(struct service *s, enum directive_id directive);
/* The same for the line of a list that has this word, if there is one. */
struct diag *service_at_word(struct service *s, enum directive_id directive, struct span word);
/* The line of the service's own files that has an effect, or NULL. Lines of [Defaults] and of a
 * profile do not count, as they are for many services. */
const struct assignment *service_line(const struct service *s, enum directive_id directive);
/* The service of that name, or NULL; its index, or -1. */
struct service *set_find(const struct set *set, struct span name);
int set_index(const struct set *set, struct span name);
/* As nearest_hint(), among the services' names. */
const char *set_hint(const struct set *set, struct span name, struct nearest *near);
