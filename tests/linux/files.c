// SPDX-License-Identifier: MIT
/* File systems: tmpfs, overlayfs and loop-free basics every one of them must do; locks,
 * notifications, /proc. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "check.h"

static void holes_and_sizes(void)
{
	char bytes[16];
	struct stat facts;
	int file = open("sparse", O_RDWR | O_CREAT | O_EXCL, 0600);

	REQUIRE(file >= 0);
	CHECK_ERROR(open("sparse", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK(pwrite(file, "end", 3, 1000000) == 3);
	memset(bytes, 1, sizeof(bytes));
	CHECK(pread(file, bytes, 16, 500000) == 16 && bytes[0] == 0 && bytes[15] == 0);
	CHECK(fstat(file, &facts) == 0 && facts.st_size == 1000003 && facts.st_blocks < 100);
	CHECK(ftruncate(file, 10) == 0 && lseek(file, 0, SEEK_END) == 10);
	CHECK_ERROR(lseek(file, -1, SEEK_SET), EINVAL);
	CHECK(posix_fallocate(file, 0, 65536) == 0 && fstat(file, &facts) == 0 &&
	      facts.st_size == 65536);
	close(file);
	CHECK(unlink("sparse") == 0);
}

static void appending(void)
{
	int first = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600),
	    second = open("log", O_WRONLY | O_APPEND);
	char text[8] = "";

	CHECK(write(first, "a", 1) == 1 && write(second, "b", 1) == 1 && write(first, "c", 1) == 1);
	close(first);
	close(second);
	first = open("log", O_RDONLY);
	CHECK(read(first, text, 8) == 3 && strcmp(text, "abc") == 0);
	CHECK_ERROR(write(first, "x", 1), EBADF);
	close(first);
	unlink("log");
}

static void many_names(void)
{
	char name[32];
	int entries = 0;
	struct dirent *entry;
	DIR *folder;

	REQUIRE(mkdir("many", 0755) == 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "many/file-%d", i);
		close(creat(name, 0600));
	}
	folder = opendir("many");
	while ((entry = readdir(folder)))
		entries += entry->d_name[0] == 'f';
	closedir(folder);
	CHECK(entries == 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "many/file-%d", i);
		unlink(name);
	}
	CHECK(rmdir("many") == 0);
}

static void replaced(void)
{
	int old = open("target", O_RDWR | O_CREAT, 0600),
	    new = open("fresh", O_RDWR | O_CREAT, 0600);
	char text[4] = "";

	CHECK(write(old, "old", 3) == 3 && write(new, "new", 3) == 3);
	CHECK(rename("fresh", "target") == 0);
	CHECK(pread(old, text, 3, 0) == 3 && strcmp(text, "old") == 0); /* still open */
	close(old);
	old = open("target", O_RDONLY);
	CHECK(read(old, text, 3) == 3 && strcmp(text, "new") == 0);
	close(old);
	close(new);
	unlink("target");
}

static void locks(void)
{
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5 };
	int file = open("locked", O_RDWR | O_CREAT, 0600), status;
	pid_t child;

	CHECK(flock(file, LOCK_EX) == 0 && fcntl(file, F_SETLK, &range) == 0);
	child = fork();
	if (child == 0) {
		int own = open("locked", O_RDWR);
		struct flock asked = range;

		if (flock(own, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			_exit(1);
		if (fcntl(own, F_SETLK, &range) == 0)
			_exit(2);
		if (fcntl(own, F_GETLK, &asked) != 0 || asked.l_pid != getppid())
			_exit(3);
		range.l_start = 20;
		_exit(fcntl(own, F_SETLK, &range) == 0 ? 0 : 4);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	close(file);
	unlink("locked");
}

static void notifications(void)
{
	char space[1024] __attribute__((aligned(8)));
	int watch = inotify_init1(IN_NONBLOCK);
	const struct inotify_event *event = (const void *)space;

	REQUIRE(watch >= 0 && inotify_add_watch(watch, ".", IN_CREATE | IN_DELETE) > 0);
	close(creat("seen", 0600));
	unlink("seen");
	CHECK(read(watch, space, sizeof(space)) >= (ssize_t)(2 * sizeof(*event)));
	CHECK(event->mask == IN_CREATE && strcmp(event->name, "seen") == 0);
	close(watch);
}

static void copies(void)
{
	static char block[100000], back[100000];
	int from = open("from", O_RDWR | O_CREAT, 0600), to = open("to", O_RDWR | O_CREAT, 0600);
	off_t start = 0;
	ssize_t sent, sum = 0;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 7 + i / 256);
	CHECK(write(from, block, sizeof(block)) == sizeof(block));
	while ((sent = sendfile(to, from, &start, sizeof(block))) > 0)
		sum += sent;
	CHECK(sum == sizeof(block));
	CHECK(pread(to, back, sizeof(back), 0) == sizeof(back) &&
	      memcmp(block, back, sizeof(back)) == 0);
	close(from);
	close(to);
	unlink("from");
	unlink("to");
}

static void overlay(void)
{
	char text[16] = "";
	struct statfs facts;
	int file;

	REQUIRE(mount("tmpfs", "area", "tmpfs", 0, "size=4m") == 0);
	CHECK(mkdir("area/low", 0755) == 0 && mkdir("area/high", 0755) == 0);
	CHECK(mkdir("area/work", 0755) == 0 && mkdir("area/both", 0755) == 0);
	file = creat("area/low/text", 0644);
	CHECK(write(file, "lower", 5) == 5 && close(file) == 0);
	close(creat("area/low/gone", 0644));
	REQUIRE(mount("overlay", "area/both", "overlay", 0,
		      "lowerdir=area/low,upperdir=area/high,workdir=area/work") == 0);
	CHECK(statfs("area/both", &facts) == 0 && facts.f_type == 0x794c7630);
	file = open("area/both/text", O_RDWR | O_APPEND);
	CHECK(write(file, "+up", 3) == 3 && close(file) == 0);
	file = open("area/high/text", O_RDONLY);
	CHECK(read(file, text, sizeof(text)) == 8 && strcmp(text, "lower+up") == 0 &&
	      close(file) == 0);
	CHECK(unlink("area/both/gone") == 0 && access("area/low/gone", F_OK) == 0);
	CHECK_ERROR(access("area/both/gone", F_OK), ENOENT);
	CHECK(umount("area/both") == 0);
	file = creat("area/full", 0600);
	static char block[1 << 20];
	ssize_t length;
	while ((length = write(file, block, sizeof(block))) > 0)
		;
	CHECK(length < 0 && errno == ENOSPC);
	close(file);
	CHECK(umount("area") == 0);
}

static void information(void)
{
	char text[4096] = "";
	int file = open("/proc/self/maps", O_RDONLY);

	CHECK(read(file, text, sizeof(text) - 1) > 100 && strstr(text, "r-xp"));
	close(file);
	file = open("/proc/cpuinfo", O_RDONLY);
	memset(text, 0, sizeof(text));
	CHECK(read(file, text, sizeof(text) - 1) > 10 && strstr(text, "processor"));
	close(file);
	file = open("/proc/self/mem", O_RDWR);
	static volatile int word = 5;
	int other = 6;
	CHECK(pwrite(file, &other, 4, (off_t)&word) == 4 && word == 6);
	close(file);
	CHECK(setxattr(".", "user.test", "x", 1, 0) == 0 || errno == EOPNOTSUPP);
}

int main(void)
{
	REQUIRE(mkdir("/tmp/files", 0755) == 0 && chdir("/tmp/files") == 0 &&
		mkdir("area", 0755) == 0);
	holes_and_sizes();
	appending();
	many_names();
	replaced();
	locks();
	notifications();
	copies();
	if (getenv("PURLIN_GUEST"))
		overlay();
	information();
	CHECK(rmdir("area") == 0 && chdir("/") == 0 && rmdir("/tmp/files") == 0);
	return checks_done();
}
