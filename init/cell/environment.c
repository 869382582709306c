/* SPDX-License-Identifier: MIT
 * Environment, EnvironmentFile and UnsetEnvironment, and the variables in a command's words. Files
 * are the host's: they are read before the view changes, and by the cell, since one may lie on a
 * disk that does not answer.
 */
#include "base/envfile.h"
#include "base/fmt.h"
#include "cell/cell.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_bounded(struct cell *c, int fd, size_t *n)
{
	*n = 0;
	for (;;) {
		if (*n + 1 >= c->space_left)
			return -EFBIG;
		ssize_t got = read(fd, c->space + *n, c->space_left - 1 - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		*n += (size_t)got;
	}
}

/* Anything but a regular file is only looked at: opening some devices does something. The way
 * there has no link of a service, which would have root read for it what is closed to it. */
static int open_regular(const char *path)
{
	char own[FMT_OWN_FD];
	struct stat st;
	int place = filesystem_resolve(path);
	if (place < 0)
		return place;
	int fd = fstat(place, &st) < 0 ? -errno : -EINVAL;
	fmt_own_fd(own, place);
	if (fd == -EINVAL && S_ISREG(st.st_mode)) {
		fd = open(own, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	}
	close(place);
	return fd;
}

/* At c->space, and how many bytes. 0, 1: it may be missing and is, or -errno with the reason. */
static int read_file(struct cell *c, const char *path, bool optional, size_t *n)
{
	int fd = open_regular(path);
	if (optional && (fd == -ENOENT || fd == -ENOTDIR))
		return 1;
	if (fd == -EINVAL)
		return wall_failed2(&c->why, fd, path, "is no regular file");
	if (fd == -ELOOP)
		return wall_failed2(&c->why, fd, path, "has a link on its way that is not root's");
	int err = fd < 0 ? fd : read_bounded(c, fd, n);
	if (fd >= 0)
		close(fd);
	return err < 0 ? wall_failed(&c->why, err, path) : 0;
}

static int complain(struct cell *c, const char *path, unsigned line, const char *wrong)
{
	char text[200];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_strs(&f, path, ":", NULL);
	fmt_u64(&f, line);
	fmt_strs(&f, ": ", wrong, NULL);
	return wall_failed(&c->why, -EINVAL, text);
}

/* The later one counts. */
static int set_variable(struct cell_vector *w, char *variable)
{
	size_t n = strcspn(variable, "=") + 1;
	for (unsigned i = 0; i < w->count; i++) {
		if (strncmp(w->at[i], variable, n) != 0)
			continue;
		w->at[i] = variable;
		return 0;
	}
	return cell_append(w, variable);
}

static int take_variables(struct cell *c, const char *path, size_t n)
{
	struct envfile e;
	char *variable;
	int more;
	envfile_begin(&e, c->space, n);
	c->space += n + 1;
	c->space_left -= n + 1;
	while ((more = envfile_next(&e, &variable)) > 0) {
		if (envfile_is_given(variable, strcspn(variable, "=")))
			return complain(c, path, e.line, "the variable is set by bulkhead: leave it out");
		int err = set_variable(&c->scratch->environment, variable);
		if (err < 0)
			return wall_failed2(&c->why, err, path, "too many variables");
	}
	return more < 0 ? complain(c, path, e.line, e.wrong) : 0;
}

static int take_files(struct cell *c)
{
	const struct plan_list list = c->service->environment_files;
	const plan_str *files = plan_elements(&c->plan, list, sizeof(*files));
	int err = !files && list.count ? -EINVAL : 0;
	for (uint32_t i = 0; files && i < list.count && err >= 0; i++) {
		const char *path = plan_text(&c->plan, files[i]);
		bool optional = path[0] == '-';
		size_t n = 0;
		err = read_file(c, path + optional, optional, &n);
		if (err == 0)
			err = take_variables(c, path + optional, n);
	}
	return err < 0 ? err : 0;
}

int cell_environment(struct cell *c)
{
	int err = cell_append_list(c, &c->scratch->environment, c->service->environment);
	if (err < 0)
		return wall_failed(&c->why, err, "Environment");
	if (!c->service->environment_files.count)
		return 0;
	void *space = mmap(NULL, CELL_SPACE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0);
	if (space == MAP_FAILED)
		return wall_failed(&c->why, -errno, "mmap");
	c->space = space;
	c->space_left = CELL_SPACE;
	return take_files(c);
}

/* ---- UnsetEnvironment ---- */

static bool is_unset(const struct cell *c, const char *variable)
{
	const struct plan_list list = c->service->unset;
	const plan_str *unset = plan_elements(&c->plan, list, sizeof(*unset));
	for (uint32_t i = 0; unset && i < list.count; i++) {
		const char *word = plan_text(&c->plan, unset[i]);
		size_t n = strlen(word);
		bool whole = strchr(word, '=');
		if (strncmp(variable, word, n) == 0 && variable[n] == (whole ? 0 : '='))
			return true;
	}
	return false;
}

void cell_unset(struct cell *c)
{
	struct cell_vector *w = &c->scratch->environment;
	unsigned kept = 0;
	for (unsigned i = 0; i < w->count; i++)
		if (!is_unset(c, w->at[i]))
			w->at[kept++] = w->at[i];
	while (w->count > kept)
		w->at[--w->count] = NULL;
}

/* ---- a command's words ---- */

/* "" where there is none of this name. */
static const char *value_of(const struct cell *c, const char *name, size_t n)
{
	const struct cell_vector *w = &c->scratch->environment;
	for (unsigned i = 0; i < w->count; i++)
		if (strncmp(w->at[i], name, n) == 0 && w->at[i][n] == '=')
			return w->at[i] + n + 1;
	return "";
}

static int add_text(struct cell *c, const char *text, size_t n)
{
	if (n >= c->space_left)
		return -E2BIG;
	memcpy(c->space, text, n);
	c->space += n;
	c->space_left -= n;
	return 0;
}

/* $NAME alone: as many words as its value has. */
static int expand_alone(struct cell *c, const char *name)
{
	const char *value = value_of(c, name, strlen(name));
	char *rest = c->space, *word;
	int err = add_text(c, value, strlen(value) + 1), more = 0;
	while (err == 0 && (more = envfile_word(&rest, &word)) > 0)
		err = cell_append(&c->scratch->arguments, word);
	if (more < 0)
		return wall_failed2(&c->why, more, "a quotation mark is not closed in the value of", name);
	return err;
}

/* `${NAME}` and `$$`, which the compiler has checked. */
static int expand_inside(struct cell *c, const char *word)
{
	char *begin = c->space;
	int err = 0;
	while (*word && err == 0) {
		size_t n = strcspn(word, "$");
		err = add_text(c, word, n);
		word += n;
		if (!*word || err < 0)
			break;
		if (word[1] != '{') {
			err = add_text(c, "$", 1);
			word += word[1] ? 2 : 1;
			continue;
		}
		n = strcspn(word + 2, "}");
		const char *value = value_of(c, word + 2, n);
		err = add_text(c, value, strlen(value));
		word += n + 2;
		word += *word == '}';
	}
	if (err == 0)
		err = add_text(c, "", 1);
	return err < 0 ? err : cell_append(&c->scratch->arguments, begin);
}

int cell_expand(struct cell *c, const char *word)
{
	if (!(c->command->flags & COMMAND_EXPAND) || !strchr(word, '$'))
		return cell_append(&c->scratch->arguments, word);
	if (!c->space)
		return -EINVAL;
	return word[0] == '$' && envfile_is_name(word + 1, strlen(word + 1)) ? expand_alone(c, word + 1)
																		 : expand_inside(c, word);
}
