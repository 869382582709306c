/* SPDX-License-Identifier: MIT
 * Whether a password can be used to log in as a user, by that user's lines of passwd(5) and
 * shadow(5). Checking a password is left to login or sulogin. Pure.
 */
#pragma once
#include "base/span.h"

enum account {
	ACCOUNT_NONE,     /* no such user, or no shadow entry although passwd refers to it */
	ACCOUNT_LOCKED,   /* the field is not a hash: "*", "!...", "x" */
	ACCOUNT_EMPTY,    /* no password is needed */
	ACCOUNT_PASSWORD, /* a hash of crypt(3) */
	ACCOUNT_COUNT
};

/* `passwd` and `shadow` are the texts of the files. */
enum account account_of(struct span passwd, struct span shadow, const char *user);
