/* SPDX-License-Identifier: MIT
 * The next plan of a running device, in which some services go on as they were started.
 */
#pragma once
#include "plan/plan.h"

/* Writes the plan of `size` bytes at *bytes anew. Services that are marked in descriptor `marks` (a
 * byte for each service of the plan in force, which is descriptor `in_force`) stay as they are in
 * force, if they differ so that they would have to be restarted: they are SERVICE_PENDING, and
 * their dependencies are the new ones. One whose record refers to a service that is not there any
 * more is not kept. Returns the size, with the plan at *bytes (malloc'd); 0: it could not be done,
 * which has been printed. */
size_t merge_running(int in_force, int marks, uint32_t arch, size_t size, unsigned char **bytes);
