// SPDX-License-Identifier: MIT
/*
 * serve-file MAJOR:MINOR PATH read-only|read-write: started by a Linux that serves the file PATH of
 * the file system on that device as a disk (linux/overlay/arch/purlin/drivers/serve-file.c). Mounts
 * the file system in a mount namespace of its own, so that nobody else has a path to it, puts a
 * loop device on the file, and hands both to Linux by its standard input. Or it writes there why it
 * cannot, in words that follow "... is not served: ".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Exists in the initramfs; only this program sees what it mounts there. */
#define PLACE "/purlin"
#define REPORT_BYTES 96
#define LOOP_TRIES 32
#define NOT_ORDINARY "it is not an ordinary file"
#define NO_DIRECT "its file system has no direct I/O for it"

/* The superblock of ext2, ext3 and ext4, at byte 1024. */
#define SUPERBLOCK 1024
#define SUPERBLOCK_BYTES 104
#define MAGIC_AT 56
#define STATE_AT 58
#define COMPATIBLE_AT 92
#define STATE_CLEAN 1
#define STATE_ERRORS 2
#define COMPATIBLE_JOURNAL 4

static void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void fail(const char *format, ...)
{
	char text[REPORT_BYTES];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (write(STDIN_FILENO, text, strlen(text)) < 0)
		exit(2);
	exit(1);
}

static unsigned int number_at(const uint8_t *block, unsigned int at)
{
	return block[at] | (unsigned int)block[at + 1] << 8;
}

/*
 * Linux would mount a file system of which it knows that it is damaged, and write more damage. One
 * without a journal is only consistent if it was unmounted.
 */
static void check(const char *device, bool *read_only)
{
	int cannot_write = 0;
	uint8_t block[SUPERBLOCK_BYTES];
	int file = open(device, O_RDONLY | O_CLOEXEC);
	unsigned int state;

	if (file < 0)
		fail("its disk cannot be opened: %s", strerror(errno));
	if (pread(file, block, sizeof(block), SUPERBLOCK) != (ssize_t)sizeof(block))
		fail("its disk cannot be read");
	if (ioctl(file, BLKROGET, &cannot_write))
		fail("its disk does not say whether it can be written");
	close(file);
	*read_only = cannot_write;
	if (number_at(block, MAGIC_AT) != 0xef53)
		fail("there is no file system ext4 around it");
	state = number_at(block, STATE_AT);
	if (state & STATE_ERRORS)
		fail("its file system has errors: repair it by e2fsck");
	if (!(block[COMPATIBLE_AT] & COMPATIBLE_JOURNAL) && !(state & STATE_CLEAN))
		fail("its file system was not unmounted and has no journal: check it by e2fsck");
}

static void mount_or_fail(const char *from, const char *to, const char *kind)
{
	if (mount(from, to, kind, 0, NULL))
		fail("no %s: %s", kind, strerror(errno));
}

static void mount_places(const char *number)
{
	unsigned int major, minor;

	if (sscanf(number, "%u:%u", &major, &minor) != 2)
		fail("no device %s", number);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		fail("no mounts of its own: %s", strerror(errno));
	mount_or_fail("tmpfs", PLACE, "tmpfs");
	if (chdir(PLACE) || mkdir("dev", 0700) || mkdir("disk", 0700) ||
	    mknod("device", S_IFBLK | 0600, makedev(major, minor)))
		fail("%s: %s", PLACE, strerror(errno));
	mount_or_fail("devtmpfs", "dev", "devtmpfs");
}

/*
 * It is written even if clients only read, since the journal is. Only if the disk cannot be written
 * it is mounted so; Linux refuses that if there is something to do for the journal.
 */
static void mount_disk(bool read_only)
{
	const unsigned long flags =
		MS_NOATIME | MS_NODEV | MS_NOSUID | MS_NOEXEC | (read_only ? MS_RDONLY : 0);

	if (!mount("device", "disk", "ext4", flags, "barrier=1,errors=remount-ro"))
		return;
	if (errno == EBUSY)
		fail("this Linux or another rule has its disk open");
	fail("its file system cannot be mounted: %s", strerror(errno));
}

static int open_file(const char *path, bool read_only)
{
	struct open_how how = {
		.flags = (read_only ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int disk = open("disk", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat facts;
	long file = syscall(SYS_openat2, disk, path, &how, sizeof(how));

	if (file >= 0 && (fstat((int)file, &facts) || !S_ISREG(facts.st_mode)))
		fail(NOT_ORDINARY);
	if (file >= 0 && fcntl((int)file, F_SETFL, O_DIRECT))
		fail(NO_DIRECT);
	if (file >= 0)
		return (int)file;
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		fail("there is no such file");
	case ELOOP:
		fail("a symbolic link is on the way to the file");
	case EXDEV:
		fail("the path leads out of the file system");
	case EISDIR:
	case ENXIO:
		fail(NOT_ORDINARY);
	case ETXTBSY:
		fail("this Linux or another rule has the file open");
	case EROFS:
		fail("its file system can only be read, and the rule does not say read-only");
	default:
		fail("the file cannot be opened: %s", strerror(errno));
	}
}

/* A loop device that nobody uses may be somebody's before we have it. */
static int attach(int file, bool read_only)
{
	struct loop_config config = {
		.fd = (uint32_t)file,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO |
				 (read_only ? LO_FLAGS_READ_ONLY : 0),
	};
	int control = open("dev/loop-control", O_RDWR | O_CLOEXEC);

	for (unsigned int tries = 0; tries < LOOP_TRIES; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE), loop;
		char name[24];

		if (number < 0)
			break;
		snprintf(name, sizeof(name), "dev/loop%d", number);
		loop = open(name, O_RDWR | O_CLOEXEC);
		if (loop < 0)
			break;
		if (!ioctl(loop, LOOP_CONFIGURE, &config))
			return loop;
		if (errno != EBUSY)
			break;
		close(loop);
	}
	fail("no loop device for it: %s", strerror(errno));
}

/* If Linux were to use its page cache, what is acknowledged would not be on the disk. */
static void check_direct(int loop)
{
	struct loop_info64 info;

	if (ioctl(loop, LOOP_GET_STATUS64, &info) || !(info.lo_flags & LO_FLAGS_DIRECT_IO))
		fail(NO_DIRECT);
}

int main(int count, char **words)
{
	char report[REPORT_BYTES];
	int file, loop, length;
	bool read_only, disk_read_only;

	if (count != 4)
		return 2;
	read_only = !strcmp(words[3], "read-only");
	mount_places(words[1]);
	check("device", &disk_read_only);
	mount_disk(disk_read_only);
	file = open_file(words[2], read_only);
	loop = attach(file, read_only);
	check_direct(loop);
	length = snprintf(report, sizeof(report), "file %d loop %d", file, loop);
	return write(STDIN_FILENO, report, (size_t)length) != length;
}
