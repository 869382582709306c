/* SPDX-License-Identifier: MIT
 * Words of the kernel's command line: see command_line.h. */
#include "pid1/boot/command_line.h"
#include "base/cmdline.h"
#include "base/count.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "pid1/container.h"
#include <errno.h>
#include <fcntl.h>

#define COMMAND_LINE_MAX 4096 /* COMMAND_LINE_SIZE is at most 4096 on our architectures */

#define TRIES 3

static char line[COMMAND_LINE_MAX];
static int length = -EAGAIN; /* it does not change: read once, or -errno */

static int read_arguments(void)
{
	struct fmt f;
	fmt_init(&f, line, sizeof(line));
	for (char *const *word = container_words(); *word; word++)
		fmt_strs(&f, *word, " ", NULL);
	return f.cut ? -E2BIG : (int)f.len;
}

int command_line_read(void)
{
	if (length < 0 && container_here())
		length = read_arguments();
	for (int i = 0; i < TRIES && length < 0; i++)
		length = sys_read_file(AT_FDCWD, "/proc/cmdline", line, sizeof(line));
	return length < 0 ? length : 0;
}

static struct span command_line(void)
{
	return command_line_read() < 0 ? (struct span){"", 0} : span_of(line);
}

bool command_line_value(const char *name, char *value, size_t cap)
{
	struct cmdline_word word;
	if (!cmdline_last(command_line(), name, &word))
		return false;
	return span_copy(word.value, value, cap) == 0;
}

bool command_line_has(const char *wanted)
{
	return cmdline_has(command_line(), wanted);
}

enum switch_word { SWITCH_OFF, SWITCH_ON, SWITCH_BAD };

static enum switch_word read_switch(const struct cmdline_word *word)
{
	static const char *const on[] = {"1", "yes", "true", "on"},
							 *const off[] = {"0", "no", "false", "off"};
	if (!word->has_value)
		return SWITCH_ON;
	for (unsigned i = 0; i < COUNT(on); i++) {
		if (span_is(word->value, on[i]))
			return SWITCH_ON;
		if (span_is(word->value, off[i]))
			return SWITCH_OFF;
	}
	return SWITCH_BAD;
}

/* The words of other inits, too. The short ones are words for themselves alone: "S=1" is
 * somebody else's. */
const char *command_line_rescue(bool *asked)
{
	static const char *const longer[] = {"rescue", "single", "emergency"},
							 *const shorter[] = {"S", "s", "1"};
	struct span words = command_line();
	struct cmdline_word word;
	const char *bad = NULL;
	*asked = false;
	for (unsigned i = 0; i < COUNT(longer); i++) {
		enum switch_word said = cmdline_last(words, longer[i], &word) ? read_switch(&word)
																	  : SWITCH_OFF;
		*asked |= said == SWITCH_ON;
		if (said == SWITCH_BAD)
			bad = longer[i];
	}
	for (unsigned i = 0; i < COUNT(shorter); i++)
		*asked |= cmdline_last(words, shorter[i], &word) && !word.has_value;
	return bad;
}
