/* SPDX-License-Identifier: MIT
 * The digest of a plan's sources: see digest.h. Each file gives a hash of its path, content and
 * length. The hashes are added, so that the order in which a file system lists the files does not
 * matter. Paths are relative to the root and opened inside it (openat2, 5.6), so that the build,
 * where the device's root is a directory, and the device resolve symbolic links in the same way.
 *
 * A file that the compiler refuses must not make the digest fail, or the device could not boot with
 * it: of an oversized file the beginning counts, and what is no file or a dangling link counts as
 * missing.
 */
#include "base/digest.h"
#include "base/config.h"
#include "base/fmt.h"
#include "base/hash.h"
#include "base/raw.h"
#include "base/span.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>

#define DIGEST_MAX_FILES (CONFIG_MAX_SERVICES * 8)
#define DIGEST_MAX_ENTRIES (DIGEST_MAX_FILES * 4) /* directory entries looked at, *.ini or not */
#define DIGEST_MAX_BYTES (1ul << 20)              /* of one file; CONFIG_MAX_INI_KB is far below */
#define DIGEST_PATH 512
#define DIGEST_LEVELS 2 /* services.d and NAME.d below it */
/* O_NONBLOCK: a FIFO called x.ini must not stop the boot. */
#define OPEN_FILE (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_LARGEFILE | O_NOCTTY)
#define OPEN_DIRECTORY (O_RDONLY | O_CLOEXEC | O_LARGEFILE | O_DIRECTORY)

struct digest {
	int root;
	uint64_t sum;
	uint32_t files;
	uint32_t entries;
	char buf[4096];
};

/* linux_dirent64 of getdents64(2); libc's readdir would allocate. */
struct entry_head {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[5];
};
#define ENTRY_NAME offsetof(struct entry_head, name)

struct level {
	int fd;
	int filled; /* bytes in buf */
	int at;
	size_t path_len; /* of the directory, with its '/' */
	_Alignas(8) char buf[2048];
};

/* EAGAIN: something was mounted or renamed while a .. was looked up (openat2(2)) */
#define OPEN_TRIES 100

static void close_fd(int fd)
{
	raw_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
}

static int open_inside(int root, const char *path, unsigned flags)
{
	int fd = -EAGAIN;
	for (int n = 0; fd == -EAGAIN && n < OPEN_TRIES; n++)
		fd = sys_openat2(root, path, flags, 0, RESOLVE_IN_ROOT);
	if (fd != -ENOSYS && fd != -EPERM)
		return fd;
	/* A kernel before 5.6, or a container of a build machine whose filter does not know the
	 * call. */
	return (int)raw_syscall(SYS_openat, root, RAW_ARG(path), RAW_ARG(flags), 0, 0, 0);
}

static bool is_absence(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ELOOP || err == -ENXIO || err == -ENODEV ||
		err == -EISDIR;
}

/* A link to /dev/null masks a service. The tree of a build has no /dev/null, so it is recognised
 * by its text. */
static bool is_mask(int root, const char *path)
{
	char target[16];
	int fd = open_inside(root, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	long n = raw_syscall(SYS_readlinkat, fd, RAW_ARG(""), RAW_ARG(target), sizeof(target), 0, 0);
	close_fd(fd);
	return n == (long)strlen("/dev/null") && memcmp(target, "/dev/null", (size_t)n) == 0;
}

static int hash_content(struct digest *d, int fd, uint64_t *h)
{
	uint64_t total = 0;
	long got;
	do {
		got = raw_syscall(SYS_read, fd, RAW_ARG(d->buf), sizeof(d->buf), 0, 0, 0);
		if (got < 0)
			return (int)got;
		*h = hash_bytes(*h, d->buf, (size_t)got);
		total += (uint64_t)got;
	} while (got > 0 && total < DIGEST_MAX_BYTES);

	unsigned char size[8];
	for (unsigned i = 0; i < sizeof(size); i++)
		size[i] = (unsigned char)(total >> (8 * i));
	*h = hash_bytes(*h, size, sizeof(size));
	return 0;
}

static int add_file(struct digest *d, const char *path)
{
	uint64_t h = hash_bytes(HASH_INIT, path, strlen(path) + 1);
	if (!is_mask(d->root, path)) {
		int fd = open_inside(d->root, path, OPEN_FILE);
		if (fd < 0)
			return is_absence(fd) ? 0 : fd;
		int err = hash_content(d, fd, &h);
		close_fd(fd);
		if (err < 0)
			return is_absence(err) ? 0 : err;
	}
	if (d->files++ >= DIGEST_MAX_FILES)
		return -E2BIG;
	d->sum += h;
	return 0;
}

/* The level's next entry; NULL with *err 0 at the end of the directory. The kernel keeps records
 * aligned to 8. */
static const char *next_name(struct digest *d, struct level *l, int *err)
{
	*err = 0;
	if (l->at >= l->filled) {
		l->at = 0;
		l->filled = (int)raw_syscall(SYS_getdents64, l->fd, RAW_ARG(l->buf), sizeof(l->buf), 0, 0,
			0);
		*err = l->filled < 0 ? l->filled : 0;
		if (l->filled <= 0)
			return NULL;
	}
	if (d->entries++ >= DIGEST_MAX_ENTRIES) {
		*err = -E2BIG;
		return NULL;
	}
	const struct entry_head *e = (const void *)(l->buf + l->at);
	const char *name = l->buf + l->at + ENTRY_NAME;
	l->at += e->reclen;
	return name;
}

/* Opens the directory whose path is in `path` as a level; 0 if there is none, 1 if so. */
static int enter_directory(struct digest *d, struct level *l, const struct fmt *path)
{
	int fd = open_inside(d->root, path->buf, OPEN_DIRECTORY);
	if (fd < 0)
		return is_absence(fd) ? 0 : fd;
	*l = (struct level){.fd = fd, .path_len = path->len};
	return 1;
}

static void cut_path(struct fmt *path, size_t len)
{
	path->len = len;
	path->buf[len] = '\0';
	path->cut = false;
}

/* One entry of a directory at `depth`. 1 = it is a NAME.d that was entered as the next level. */
static int visit(struct digest *d, struct level *levels, int depth, struct fmt *path,
	const char *name)
{
	bool below = depth + 1 < DIGEST_LEVELS && span_ends(span_of(name), ".d");
	if (!below && !span_ends(span_of(name), ".ini"))
		return 0;
	cut_path(path, levels[depth].path_len);
	fmt_strs(path, name, below ? "/" : "", NULL);
	if (path->cut)
		return -ENAMETOOLONG;
	return below ? enter_directory(d, &levels[depth + 1], path) : add_file(d, path->buf);
}

static int add_directory(struct digest *d, struct fmt *path)
{
	struct level levels[DIGEST_LEVELS] = {{.fd = -1}, {.fd = -1}};
	int err = enter_directory(d, &levels[0], path);
	int depth = err > 0 ? 0 : -1;
	while (err >= 0 && depth >= 0) {
		const char *name = next_name(d, &levels[depth], &err);
		if (!name)
			close_fd(levels[depth--].fd);
		else if ((err = visit(d, levels, depth, path, name)) > 0)
			depth++;
	}
	for (; depth >= 0; depth--)
		close_fd(levels[depth].fd);
	return err < 0 ? err : 0;
}

static int add_source(struct digest *d, const char *source)
{
	char text[DIGEST_PATH];
	struct fmt path;
	/* The way from the root is what counts: an absolute path would leave it. */
	while (source[0] == '/')
		source++;
	fmt_init(&path, text, sizeof(text));
	fmt_str(&path, source);
	if (path.cut)
		return -ENAMETOOLONG;
	if (path.len > 0 && text[path.len - 1] == '/')
		return add_directory(d, &path);
	return add_file(d, text);
}

int digest_sources(int root, const char *const *list, uint64_t *out)
{
	struct digest d = {.root = root};
	int err = 0;
	for (; *list && err == 0; list++)
		err = add_source(&d, *list);
	if (err == 0)
		*out = d.sum;
	return err;
}
