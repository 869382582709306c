/* SPDX-License-Identifier: MIT
 * Whether somebody can log in as a user by a password: of passwd(5) and shadow(5), that one line.
 * Whether the password is right is login's business, or sulogin's. Pure.
 */
#pragma once
#include "base/span.h"

enum account {
	ACCOUNT_NONE,     /* there is no such user, or no shadow entry that passwd speaks of */
	ACCOUNT_LOCKED,   /* what stands there is no hash: "*", "!...", "x" */
	ACCOUNT_EMPTY,    /* no password is asked for */
	ACCOUNT_PASSWORD, /* a hash of crypt(3) */
	ACCOUNT_COUNT
};

enum account account_of(struct span passwd, struct span shadow, const char *user);
