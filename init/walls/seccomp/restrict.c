/* SPDX-License-Identifier: MIT
 * RestrictNamespaces and the like: directives that mean rules about arguments. A filter sees
 * numbers, not what a pointer leads to. A call that could do the same with arguments in memory
 * answers ENOSYS while its directive is in force, which makes the C libraries use the older call.
 */
#include "walls/seccomp/rules.h"
#include "base/count.h"
#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* NEWTIME is only for clone3 and unshare: among clone's flags its bit is part of the exit
 * signal. */
#define NEW_BY_CLONE \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | \
		CLONE_NEWNET)
#define NEW_ALL (NEW_BY_CLONE | CLONE_NEWTIME)
#define MODE "mode & S_ISUID|S_ISGID == 0"
#define CREATE "flags & O_CREAT|__O_TMPFILE == 0 || " MODE
/* The protocols too: for any other the kernel goes looking for a module of the host's. Of netlink's
 * that which every C library asks for addresses; device managers and those who set up radios
 * name theirs (KOBJECT_UEVENT, GENERIC, whose families are a large part of the kernel). */
#define DEFAULT_SOCKETS \
	"domain == AF_UNIX || domain in AF_INET AF_INET6 && protocol in IPPROTO_IP IPPROTO_ICMP IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMPV6" \
	" || domain == AF_NETLINK && protocol == NETLINK_ROUTE"
#define ENOSYS_ANSWER (SECCOMP_RET_ERRNO | ENOSYS)

static const struct {
	const char *call;
	const char *expression; /* NULL: out of sight; "": made from the directive's list */
	uint8_t of;             /* enum seccomp_restriction */
	bool asked;             /* not by default: only where the directive is in the file */
} rules[] = {
	{"clone", "", RESTRICT_NAMESPACES, false},
	{"unshare", "", RESTRICT_NAMESPACES, false},
	{"setns", "", RESTRICT_NAMESPACES, true}, /* not in @service */
	{"clone3", NULL, RESTRICT_NAMESPACES, false},
	{"socket", "", RESTRICT_FAMILIES, false},
	{"socketpair", "", RESTRICT_FAMILIES, false},
	{"io_uring_setup", NULL, RESTRICT_FAMILIES, false},
	{"sched_setscheduler", "policy & 0xbfffffff in SCHED_OTHER SCHED_BATCH SCHED_IDLE",
		RESTRICT_REALTIME, false}, /* less SCHED_RESET_ON_FORK */
	{"sched_setattr", NULL, RESTRICT_REALTIME, false},
	{"chmod", MODE, RESTRICT_SUIDSGID, false},
	{"fchmod", MODE, RESTRICT_SUIDSGID, false},
	{"fchmodat", MODE, RESTRICT_SUIDSGID, false},
	{"fchmodat2", MODE, RESTRICT_SUIDSGID, false},
	{"mkdir", MODE, RESTRICT_SUIDSGID, false},
	{"mkdirat", MODE, RESTRICT_SUIDSGID, false},
	{"mknod", MODE, RESTRICT_SUIDSGID, false},
	{"mknodat", MODE, RESTRICT_SUIDSGID, false},
	{"creat", MODE, RESTRICT_SUIDSGID, false},
	{"open", CREATE, RESTRICT_SUIDSGID, false},
	{"openat", CREATE, RESTRICT_SUIDSGID, false},
	{"openat2", NULL, RESTRICT_SUIDSGID, false},
	{"io_uring_setup", NULL, RESTRICT_SUIDSGID, false},
	{"mmap", "prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC", RESTRICT_WRITE_EXECUTE, false},
	{"mmap2", "prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC", RESTRICT_WRITE_EXECUTE, false},
	{"mprotect", "prot & PROT_EXEC == 0", RESTRICT_WRITE_EXECUTE, false},
	{"pkey_mprotect", "prot & PROT_EXEC == 0", RESTRICT_WRITE_EXECUTE, false},
	{"shmat", "shmflg & SHM_EXEC == 0", RESTRICT_WRITE_EXECUTE, false},
	/* set the plain one, ask */
	{"personality", "persona in 0 0xffffffff", RESTRICT_PERSONALITY, false},
	/* Both push input into a terminal as if it had been typed. */
	{"ioctl", "request != TIOCSTI && request != TIOCLINUX", RESTRICT_TERMINAL, false},
};

static const char *const directive_names[RESTRICT_COUNT] = {
	[RESTRICT_NAMESPACES] = "RestrictNamespaces",
	[RESTRICT_FAMILIES] = "RestrictAddressFamilies",
	[RESTRICT_REALTIME] = "RestrictRealtime",
	[RESTRICT_SUIDSGID] = "RestrictSUIDSGID",
	[RESTRICT_WRITE_EXECUTE] = "MemoryDenyWriteExecute",
	[RESTRICT_PERSONALITY] = "LockPersonality",
};

/* ---- setters ---- */

static int set_state(struct seccomp_conf *s, enum seccomp_restriction which, struct span value,
	struct diag *d)
{
	bool yes;
	if (span_is(value, "default")) {
		s->restricted[which] = RESTRICTED_BY_DEFAULT;
		return 0;
	}
	int err = value_bool(value, &yes, d);
	if (err == 0)
		s->restricted[which] = yes ? RESTRICTED_YES : RESTRICTED_NO;
	return err;
}

int seccomp_set_realtime(void *conf, struct span value, struct diag *d)
{
	return set_state(conf, RESTRICT_REALTIME, value, d);
}

int seccomp_set_suid_sgid(void *conf, struct span value, struct diag *d)
{
	return set_state(conf, RESTRICT_SUIDSGID, value, d);
}

int seccomp_set_write_execute(void *conf, struct span value, struct diag *d)
{
	return set_state(conf, RESTRICT_WRITE_EXECUTE, value, d);
}

int seccomp_set_personality(void *conf, struct span value, struct diag *d)
{
	return set_state(conf, RESTRICT_PERSONALITY, value, d);
}

static int read_namespace(struct span word, uint32_t *bit, struct diag *d)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} names[] = {{"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"net", CLONE_NEWNET},
		{"mnt", CLONE_NEWNS}, {"pid", CLONE_NEWPID}, {"user", CLONE_NEWUSER}, {"uts", CLONE_NEWUTS},
		{"time", CLONE_NEWTIME}};
	for (size_t i = 0; i < COUNT(names); i++) {
		if (span_is(word, names[i].name)) {
			*bit = names[i].bit;
			return 0;
		}
	}
	return diag_error(d,
		"\"%.*s\" is not known, expected yes, no, default or a list of cgroup ipc mnt net pid time user uts",
		SPAN_ARGS(word));
}

/* Whether the value is one word that stands for a whole state; then it is set. */
static bool set_word(struct seccomp_conf *s, enum seccomp_restriction which, struct span value)
{
	static const struct {
		const char *word;
		uint8_t state;
	} words[] = {{"", RESTRICTED_BY_DEFAULT}, {"default", RESTRICTED_BY_DEFAULT},
		{"no", RESTRICTED_NO}};
	for (size_t i = 0; i < COUNT(words); i++) {
		if (span_is(value, words[i].word)) {
			s->restricted[which] = words[i].state;
			return true;
		}
	}
	return false;
}

int seccomp_set_namespaces(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;
	bool but, first = s->restricted[RESTRICT_NAMESPACES] != RESTRICTED_YES;
	struct span rest = value, word;
	uint32_t bit = 0;
	int err = value_list(&rest, &but, d);
	if (err < 0)
		return err;
	if (first || span_is(value, "yes"))
		s->namespaces = but ? 0 : NEW_ALL;
	if (set_word(s, RESTRICT_NAMESPACES, value)) {
		s->namespaces = NEW_ALL;
		return 0;
	}
	s->restricted[RESTRICT_NAMESPACES] = RESTRICTED_YES;
	while (!span_is(value, "yes") && span_word(&rest, &word)) {
		err = read_namespace(word, &bit, d);
		if (err < 0)
			return err;
		s->namespaces = but ? s->namespaces | bit : s->namespaces & ~bit;
	}
	return 0;
}

static int read_family(struct span word, uint64_t *bit, struct diag *d)
{
	struct nearest near;
	uint64_t family;
	if (span_starts(word, "AF_") && rule_constant(word, &family) == 0 &&
		family < SECCOMP_FAMILIES) {
		*bit = 1ull << family;
		return 0;
	}
	nearest_begin(&near, word);
	rule_try_constants(&near, "AF_");
	return diag_error(d,
		"\"%.*s\" is not known, expected no, default, none or a list like AF_UNIX AF_INET%s",
		SPAN_ARGS(word), nearest_hint(&near));
}

int seccomp_set_families(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;
	bool but, first = s->restricted[RESTRICT_FAMILIES] != RESTRICTED_YES;
	struct span rest = value, word;
	uint64_t bit = 0;
	int err = value_list(&rest, &but, d);
	if (err < 0)
		return err;
	if (first || span_is(value, "none")) {
		s->families = 0;
		s->families_but = but;
	}
	if (set_word(s, RESTRICT_FAMILIES, value))
		return 0;
	s->restricted[RESTRICT_FAMILIES] = RESTRICTED_YES;
	while (!span_is(value, "none") && span_word(&rest, &word)) {
		err = read_family(word, &bit, d);
		if (err < 0)
			return err;
		s->families = but == s->families_but ? s->families | bit : s->families & ~bit;
	}
	return 0;
}

/* ---- what they ask of a call ---- */

static void namespaces_text(const struct seccomp_conf *s, const char *call,
	struct seccomp_condition *c)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{CLONE_NEWNS, "CLONE_NEWNS"}, {CLONE_NEWCGROUP, "CLONE_NEWCGROUP"},
		{CLONE_NEWUTS, "CLONE_NEWUTS"}, {CLONE_NEWIPC, "CLONE_NEWIPC"},
		{CLONE_NEWUSER, "CLONE_NEWUSER"}, {CLONE_NEWPID, "CLONE_NEWPID"},
		{CLONE_NEWNET, "CLONE_NEWNET"}, {CLONE_NEWTIME, "CLONE_NEWTIME"}};
	bool setns = strcmp(call, "setns") == 0;
	uint32_t mask = s->namespaces & (strcmp(call, "clone") == 0 ? NEW_BY_CLONE : NEW_ALL);
	char bits[160] = "";
	size_t n = 0;
	for (size_t i = 0; i < COUNT(names); i++)
		if (mask & names[i].bit)
			n += (size_t)snprintf(bits + n, sizeof(bits) - n, "%s%s", n ? "|" : "", names[i].name);
	/* setns(fd, 0) takes whatever the descriptor is. */
	snprintf(c->made, sizeof(c->made), "%s & %s == 0%s", setns ? "nstype" : "flags", n ? bits : "0",
		setns ? " && nstype != 0" : "");
	c->text = span_of(c->made);
}

static void families_text(const struct seccomp_conf *s, bool pair, struct seccomp_condition *c)
{
	uint64_t listed = s->families;
	size_t n;
	if (s->restricted[RESTRICT_FAMILIES] != RESTRICTED_YES) {
		c->text = span_of(pair ? "domain == AF_UNIX" : DEFAULT_SOCKETS);
		return;
	}
	if (pair) /* a pair of local sockets leads nowhere else */
		listed = s->families_but ? listed & ~(1ull << AF_UNIX) : listed | 1ull << AF_UNIX;
	if (listed == 0) {
		c->text = span_of(s->families_but ? "domain >= 0" : "");
		return;
	}
	n = (size_t)snprintf(c->made, sizeof(c->made), "domain %s", s->families_but ? "not in" : "in");
	for (uint64_t f = 0; f < SECCOMP_FAMILIES && n < sizeof(c->made); f++)
		if (listed >> f & 1)
			n += (size_t)snprintf(c->made + n, sizeof(c->made) - n, " %s", rule_family(f));
	c->text = span_of(c->made);
}

static bool restriction_holds(const struct seccomp_conf *s, size_t i, bool everything, bool own)
{
	uint8_t state = s->restricted[rules[i].of];
	if (state == RESTRICTED_BY_DEFAULT)
		return !everything && !own && !rules[i].asked;
	if (state == RESTRICTED_NO)
		return false;
	return rules[i].of != RESTRICT_NAMESPACES || s->namespaces != 0;
}

bool restrict_memory(const struct seccomp_conf *conf, bool everything)
{
	struct span call, expression;
	bool own = false;
	for (size_t i = 0; i < conf->rules; i++) {
		if (rule_split(conf->rule[i], &call, &expression, NULL) < 0)
			continue;
		for (size_t k = 0; k < COUNT(rules); k++)
			own = own ||
				(rules[k].of == RESTRICT_WRITE_EXECUTE &&
					abi_same_call(call, span_of(rules[k].call)));
	}
	uint8_t state = conf->restricted[RESTRICT_WRITE_EXECUTE];
	return state == RESTRICTED_BY_DEFAULT ? !everything && !own : state == RESTRICTED_YES;
}

static void make_condition(const struct seccomp_conf *s, size_t i, struct seccomp_condition *c)
{
	bool families = rules[i].of == RESTRICT_FAMILIES;
	c->text = span_of(rules[i].expression);
	c->answer = rules[i].expression ? 0 : ENOSYS_ANSWER;
	if (!rules[i].expression || rules[i].expression[0])
		return;
	if (!families) {
		namespaces_text(s, rules[i].call, c);
		return;
	}
	families_text(s, strcmp(rules[i].call, "socketpair") == 0, c);
	/* As on a kernel without it: programs go on then. Of EPERM some make a failure, like PAM, which
	 * lets nobody log in where it may not open audit's socket. */
	c->answer = SECCOMP_RET_ERRNO | EAFNOSUPPORT;
}

size_t restrict_call(const struct seccomp_conf *conf, bool everything, const char *call, bool own,
	struct seccomp_condition *list)
{
	size_t n = 0;
	for (size_t i = 0; i < COUNT(rules) && n < RESTRICT_RULES; i++)
		if (strcmp(rules[i].call, call) == 0 && restriction_holds(conf, i, everything, own))
			make_condition(conf, i, &list[n++]);
	return n;
}

const char *restrict_hidden(size_t i)
{
	for (size_t k = 0; k < COUNT(rules); k++)
		if (!rules[k].expression && i-- == 0)
			return rules[k].call;
	return NULL;
}

const char *restrict_contradicts(const struct seccomp_conf *conf, bool everything, const char *call)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (!rules[i].expression && strcmp(rules[i].call, call) == 0 &&
			restriction_holds(conf, i, everything, false))
			return directive_names[rules[i].of];
	return NULL;
}
