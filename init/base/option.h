/* SPDX-License-Identifier: MIT
 * What getopt_long(3) makes of a word. It takes any beginning of an option's name that fits one
 * option alone: a script that is right today would then fail when another option comes.
 */
#pragma once
#include <getopt.h>

/* Right after it has returned the option `o` of its table, with argv + optind and optarg: the word,
 * if the name is not written in full, or NULL. */
const char *option_shortened(const struct option *o, char *const *next, const char *value);
