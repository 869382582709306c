/* SPDX-License-Identifier: MIT
 * Command lines of the programs that end the machine: see order.h.
 */
#include "pid1/control/order.h"
#include "base/count.h"
#include "base/num.h"
#include <string.h>

/* A program by its name: the end that it asks for, the letters that it knows, the meaning of its
 * words. */
struct program {
	const char *name;
	enum plan_final final;
	const char *letters;
	bool (*word)(struct order *o, const char *word);
	const char *usage;
};

struct letter {
	char letter;
	enum plan_final final;
};

/* What halt -p and the options of shutdown end in. */
static const struct letter finals[] = {{'h', FINAL_POWEROFF}, {'P', FINAL_POWEROFF},
	{'p', FINAL_POWEROFF}, {'r', FINAL_REBOOT}, {'H', FINAL_HALT}};
/* Runlevels. */
static const struct letter levels[] = {{'0', FINAL_POWEROFF}, {'6', FINAL_REBOOT},
	{'1', FINAL_RESCUE}, {'s', FINAL_RESCUE}, {'S', FINAL_RESCUE}};

static enum plan_final find_letter(const struct letter *table, size_t count, char letter)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].letter == letter)
			return table[i].final;
	return FINAL_NONE;
}

static bool wrong(struct order *o, const char *what, const char *word)
{
	o->act = ORDER_WRONG;
	o->what = what;
	o->word = word;
	return false;
}

static bool no_word(struct order *o, const char *word)
{
	return wrong(o, "takes no argument:", word);
}

/* The time of shutdown. Nothing is kept for later: whoever asks must be there when it happens. */
static bool time_word(struct order *o, const char *word)
{
	if (strcmp(word, "now") == 0 || strcmp(word, "+0") == 0)
		return true;
	return wrong(o, "neither times but now (or +0) nor messages are supported:", word);
}

static bool level_word(struct order *o, const char *word)
{
	enum plan_final final = word[0] && !word[1] ? find_letter(levels, COUNT(levels), word[0])
												: FINAL_NONE;
	if (final == FINAL_NONE)
		return wrong(o, "no such runlevel (see bulkctl for services):", word);
	if (o->act == ORDER_ASK)
		return wrong(o, "one runlevel only:", word);
	o->act = ORDER_ASK;
	o->final = final;
	return true;
}

static const struct program programs[] = {
	{"poweroff", FINAL_POWEROFF, "fnd", no_word, "poweroff [-d SECONDS] [-f [-n]]"},
	{"reboot", FINAL_REBOOT, "fnd", no_word, "reboot [-d SECONDS] [-f [-n]]"},
	{"halt", FINAL_HALT, "fndp", no_word, "halt [-p] [-d SECONDS] [-f [-n]]"},
	{"shutdown", FINAL_POWEROFF, "hPrHc", time_word, "shutdown [-h | -P | -r | -H | -c] [now]"},
	{"init", FINAL_NONE, "", level_word, "init 0 | 6 | 1 | s"},
};
static const char usages[] = "poweroff | reboot | halt | shutdown | init";

static const struct program *find_program(const char *name)
{
	for (size_t i = 0; i < COUNT(programs); i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}

static bool set_delay(struct order *o, const char *value)
{
	uint64_t seconds;
	if (!value)
		return wrong(o, "-d takes a number of seconds", "");
	if (num_u64(span_of(value), ORDER_DELAY_MAX, &seconds) < 0)
		return wrong(o, "-d takes seconds, up to 86400, not", value);
	o->delay_s = (uint32_t)seconds;
	return true;
}

static bool set_final(struct order *o, enum plan_final final, const char *word)
{
	if (o->chosen && o->final != final)
		return wrong(o, "off, reboot or halt, one of them:", word);
	o->chosen = true;
	o->final = final;
	return true;
}

/* One argument of letters, like -fn; -d takes what is left of it, or the next argument. */
static bool read_letters(struct order *o, const struct program *p, char *const **at)
{
	const char *word = **at, *l = word + 1;
	do {
		if (!*l || !strchr(p->letters, *l))
			return wrong(o, "unknown option", word);
		if (*l == 'd')
			return set_delay(o, l[1] ? l + 1 : *++*at);
		if (*l == 'c')
			o->act = ORDER_CANCEL;
		else if (*l == 'n')
			o->no_sync = true;
		else if (*l == 'f')
			o->act = ORDER_FORCE;
		else if (!set_final(o, find_letter(finals, COUNT(finals), *l), word))
			return false;
	} while (*++l);
	return true;
}

/* Up to its end, --help, or what is wrong; false: no more is to be judged. */
static bool read_words(struct order *o, const struct program *p, char *const *at)
{
	bool options = true;
	for (; *at; at++) {
		if (options && strcmp(*at, "--help") == 0) {
			o->act = ORDER_HELP;
			return false;
		}
		if (options && strcmp(*at, "--") == 0)
			options = false;
		else if (!(options && **at == '-' ? read_letters(o, p, &at) : p->word(o, *at)))
			return false;
	}
	return true;
}

void order_read(struct order *o, const char *name, int argc, char *const argv[])
{
	const struct program *p = find_program(name);
	*o = (struct order){.act = ORDER_ASK,
		.final = p ? p->final : FINAL_NONE,
		.usage = p ? p->usage : usages,
		.word = ""};
	if (!p) {
		wrong(o, "PID 1 runs already, and no program is called so", "");
		return;
	}
	if (p->final == FINAL_NONE)
		o->act = ORDER_WRONG; /* until a word says what */
	if (argc > 0 && !read_words(o, p, argv + 1))
		return;
	if (o->act == ORDER_WRONG)
		wrong(o, "PID 1 runs already: which runlevel?", "");
	else if (o->no_sync && o->act != ORDER_FORCE)
		wrong(o, "-n is for -f: PID 1 writes everything out", "");
}
