/* SPDX-License-Identifier: MIT
 * The random seed: see data.h. A seed is used once. It is taken away, on the disk too, before it
 * may count as entropy, so that a power cut in between costs a seed and never gives two boots the
 * same numbers. One that does not count is mixed in all the same: it cannot harm.
 */
#include "data/data.h"
#include "base/fmt.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h> /* rename */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEED_BYTES 64
#define POOL_BITS 256 /* what the kernel's generator holds */

struct pool { /* struct rand_pool_info with room */
	int entropy_count, buf_size;
	unsigned char buf[SEED_BYTES];
};

static void directory_of(char *directory, const char *path)
{
	struct fmt f;
	fmt_init(&f, directory, DATA_PATH);
	fmt_mem(&f, path, (size_t)(strrchr(path, '/') - path));
	if (f.len == 0)
		fmt_char(&f, '/');
}

/* All directories above the file, as far as they are not there. */
static void make_directories(const char *path)
{
	char directory[DATA_PATH];
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		struct fmt f;
		fmt_init(&f, directory, sizeof(directory));
		fmt_mem(&f, path, (size_t)(slash - path));
		data_mkdir(directory, 0755); /* what fails shows when the file is made */
	}
}

int data_seed_save(const char *path)
{
	unsigned char seed[SEED_BYTES];
	char fresh[DATA_PATH], directory[DATA_PATH];
	struct stat st;
	struct fmt f;
	/* Before the generator is ready a new seed would be worth less than none. */
	if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		return -EAGAIN;
	/* what is no seed is not replaced by one */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return -EBADMSG;
	make_directories(path);
	fmt_init(&f, fresh, sizeof(fresh));
	fmt_strs(&f, path, ".new", NULL);
	unlink(fresh);
	int fd = f.cut ? -1 : open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return f.cut ? -ENAMETOOLONG : -errno;
	ssize_t n = write(fd, seed, sizeof(seed));
	int err = n < 0 ? -errno : n != (ssize_t)sizeof(seed) ? -ENOSPC : fsync(fd) < 0 ? -errno : 0;
	explicit_bzero(seed, sizeof(seed));
	close(fd);
	if (err == 0 && rename(fresh, path) < 0)
		err = -errno;
	if (err < 0) {
		unlink(fresh);
		return err;
	}
	directory_of(directory, path);
	return data_sync(directory);
}

/* 0 with the seed in `p`, or -errno; -EBADMSG for a file that is none. */
static int read_seed(const char *path, struct pool *p)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	ssize_t n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, p->buf, sizeof(p->buf)) : -1;
	close(fd);
	p->buf_size = (int)sizeof(p->buf);
	return n == (ssize_t)sizeof(p->buf) ? 0 : -EBADMSG;
}

static int forget(const char *path)
{
	char directory[DATA_PATH];
	if (unlink(path) < 0)
		return -errno;
	directory_of(directory, path);
	return data_sync(directory);
}

static int mix(const struct pool *p)
{
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;
	if (err == 0 && p->entropy_count > 0)
		err = ioctl(fd, RNDADDENTROPY, p) < 0 ? -errno : 0;
	else if (err == 0)
		err = write(fd, p->buf, sizeof(p->buf)) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

void data_seed_load(const char *path, bool credit)
{
	struct pool p = {0};
	int err = read_seed(path, &p);
	if (err == 0 && credit) {
		int gone = forget(path);
		p.entropy_count = gone < 0 ? 0 : POOL_BITS;
		if (gone < 0)
			data_say(DATA_ERROR, gone, "random seed: ", path,
				" cannot be used up, so it does not count", NULL);
	}
	if (err == 0)
		err = mix(&p);
	if (err == 0)
		data_say(DATA_INFO, 0, "random seed: ", path,
			p.entropy_count ? ": taken, and counts" : ": taken", NULL);
	else if (err != -ENOENT) /* the first boot has none */
		data_say(DATA_ERROR, err, "random seed: ", path, NULL);
	explicit_bzero(&p, sizeof(p));
	err = data_seed_save(path);
	if (err < 0 && err != -EAGAIN) /* not ready yet: there will be one at the end */
		data_say(DATA_ERROR, err, "random seed: ", path, ": no new one", NULL);
}
