/* SPDX-License-Identifier: MIT
 * The words for the plan's enumerations, as in service files and reports. Each list ends with NULL
 * and has one word per value, in the order of its enum in plan/format.h.
 */
#pragma once
#include <stdint.h>

extern const char *const plan_types[];            /* enum plan_type */
extern const char *const plan_restarts[];         /* enum plan_restart */
extern const char *const plan_notify_accesses[];  /* enum plan_notify_access */
extern const char *const plan_finals[];           /* enum plan_final */
extern const char *const plan_rescues[];          /* enum plan_rescue */
extern const char *const plan_consoles[];         /* enum plan_console */
extern const char *const plan_edges[];            /* enum plan_edge_kind */
extern const char *const plan_conditions[];       /* enum plan_condition_kind */
extern const char *const plan_stdio_kinds[];      /* enum plan_stdio_kind */
extern const char *const plan_timer_bases[];      /* enum plan_timer_base, as directives */
extern const char *const plan_timer_words[];      /* enum plan_timer_flags, by bit */
extern const char *const plan_socket_kinds[];     /* enum plan_socket_kind */
extern const char *const plan_socket_families[];  /* enum plan_socket_family */
extern const char *const plan_overlay_places[];   /* enum plan_overlay_where */
extern const char *const plan_optional_walls[];   /* enum plan_optional, by bit */
extern const char *const plan_exec_lists[];       /* enum plan_exec, as the dump spells them */
extern const char *const plan_exec_directives[];  /* the same, as service files spell them */
extern const char *const plan_standard_streams[]; /* struct plan_service.stdio */
extern const char *const plan_walls[];            /* enum plan_wall */

extern const char *const plan_log_forwards[]; /* plan_machine.log_forward */
/* Flags, by bit. */
extern const char *const plan_service_words[]; /* enum plan_service_flags */
extern const char *const plan_socket_words[];  /* enum plan_socket_flags */
extern const char *const plan_mount_words[];   /* enum plan_mount_flags */
extern const char *const plan_command_words[]; /* enum plan_command_flags */
extern const char *const plan_negations[];     /* plan_condition.negate */

/* The word for a value, "?" beyond the last. */
const char *plan_name(const char *const *names, uint32_t value);
