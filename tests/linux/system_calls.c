// SPDX-License-Identifier: MIT
/* System calls of every shape: arguments, results, errors, bad pointers. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>

#include "check.h"

static void identity(void)
{
	struct utsname name;
	struct sysinfo info;

	CHECK(getpid() > 0 && getpid() == syscall(SYS_getpid));
	CHECK(getppid() > 0);
	CHECK(getuid() == 0 && geteuid() == 0);
	CHECK(uname(&name) == 0 && strcmp(name.sysname, "Linux") == 0);
	CHECK(strcmp(name.machine, "x86_64") == 0);
	CHECK(sysinfo(&info) == 0 && info.totalram > 0);
	CHECK(syscall(SYS_gettid) == getpid());
}

static char *volatile nowhere;

static void errors(void)
{
	char *kernel_address = (char *)0xffffffff81000000ul;
	char *non_canonical = (char *)0x8000000000000000ul;
	char byte;
	int pipes[2];

	CHECK_ERROR(syscall(9999), ENOSYS);
	CHECK_ERROR(syscall(-1), ENOSYS);
	CHECK_ERROR(close(1000), EBADF);
	CHECK_ERROR(open("/no/such/file", O_RDONLY), ENOENT);
	CHECK_ERROR(open(kernel_address, O_RDONLY), EFAULT);
	CHECK_ERROR(open(non_canonical, O_RDONLY), EFAULT);
	CHECK_ERROR(open(nowhere, O_RDONLY), EFAULT);
	REQUIRE(pipe(pipes) == 0);
	CHECK(write(pipes[1], "x", 1) == 1);
	CHECK_ERROR(read(pipes[0], nowhere, 1), EFAULT);
	CHECK_ERROR(read(pipes[0], kernel_address, 1), EFAULT);
	CHECK_ERROR(read(pipes[0], non_canonical, 1), EFAULT);
	CHECK(read(pipes[0], &byte, 1) == 1 && byte == 'x');
	CHECK_ERROR(write(pipes[1], kernel_address, 100), EFAULT);
	CHECK_ERROR(write(pipes[1], NULL, 100), EFAULT);
	CHECK_ERROR(uname((struct utsname *)kernel_address), EFAULT);
	CHECK_ERROR(stat("/", (struct stat *)16), EFAULT);
	CHECK_ERROR(nanosleep((struct timespec *)16, NULL), EFAULT);
	close(pipes[0]);
	close(pipes[1]);
}

/* A buffer whose second page is missing: the kernel copies up to the edge, then reports. */
static void edges(void)
{
	int pipes[2];
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(pages != MAP_FAILED && readonly != MAP_FAILED && pipe(pipes) == 0);
	CHECK(munmap(pages + 4096, 4096) == 0);
	strcpy(pages + 4096 - 6, "/proc");
	CHECK(access(pages + 4096 - 6, R_OK) == 0);
	memcpy(pages + 4096 - 5, "/proc", 5); /* the NUL would be on the missing page */
	CHECK_ERROR(access(pages + 4096 - 5, R_OK), EFAULT);
	CHECK_ERROR(write(pipes[1], pages + 4096, 10), EFAULT);
	CHECK(write(pipes[1], "abcdef", 6) == 6);
	CHECK_ERROR(read(pipes[0], readonly, 6), EFAULT);
	munmap(pages, 4096);
	munmap(readonly, 4096);
	close(pipes[0]);
	close(pipes[1]);
}

static void many_arguments(void)
{
	struct timespec instant = { 0, 1000 };
	struct iovec parts[3] = { { "one", 3 }, { "two", 3 }, { "three", 5 } };
	char one[5], two[6];
	struct iovec into[2] = { { one, 5 }, { two, 6 } };
	struct pollfd entry;
	fd_set set;
	int pipes[2];

	REQUIRE(pipe(pipes) == 0);
	CHECK(writev(pipes[1], parts, 3) == 11);
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	CHECK(pselect(pipes[0] + 1, &set, NULL, NULL, &instant, NULL) == 1);
	entry = (struct pollfd){ .fd = pipes[0], .events = POLLIN };
	CHECK(ppoll(&entry, 1, &instant, NULL) == 1 && entry.revents == POLLIN);
	CHECK(readv(pipes[0], into, 2) == 11);
	CHECK(memcmp(one, "onetw", 5) == 0 && memcmp(two, "othree", 6) == 0);
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	CHECK(pselect(pipes[0] + 1, &set, NULL, NULL, &instant, NULL) == 0);
	close(pipes[0]);
	close(pipes[1]);
}

static void paths(void)
{
	struct stat first = { 0 }, second = { 0 };
	char here[256], target[256];
	ssize_t length;

	REQUIRE(chdir("/tmp") == 0 && mkdir("folder", 0755) == 0 && chdir("folder") == 0);
	CHECK(getcwd(here, sizeof(here)) && strcmp(here, "/tmp/folder") == 0);
	CHECK(close(creat("file", 0640)) == 0);
	CHECK(stat("file", &first) == 0 && (first.st_mode & 0777) == 0640);
	CHECK(link("file", "hard") == 0 && stat("hard", &second) == 0);
	CHECK(first.st_ino == second.st_ino && second.st_nlink == 2);
	CHECK(symlink("file", "soft") == 0);
	length = readlink("soft", target, sizeof(target));
	CHECK(length == 4 && memcmp(target, "file", 4) == 0);
	CHECK(lstat("soft", &second) == 0 && S_ISLNK(second.st_mode));
	CHECK(rename("hard", "moved") == 0);
	CHECK_ERROR(stat("hard", &second), ENOENT);
	CHECK_ERROR(rmdir("/tmp/folder"), ENOTEMPTY);
	CHECK(unlink("file") == 0 && unlink("soft") == 0 && unlink("moved") == 0);
	CHECK(chdir("/") == 0 && rmdir("/tmp/folder") == 0);
}

static void descriptors(void)
{
	struct rlimit limit;
	char bytes[16];
	int file = open("/dev/zero", O_RDWR | O_CLOEXEC);
	int copy = dup(file);

	REQUIRE(file >= 0 && copy > file);
	CHECK(fcntl(file, F_GETFD) == FD_CLOEXEC && fcntl(copy, F_GETFD) == 0);
	CHECK(dup2(file, 100) == 100 && dup3(file, 101, O_CLOEXEC) == 101);
	memset(bytes, 1, sizeof(bytes));
	CHECK(read(100, bytes, sizeof(bytes)) == sizeof(bytes) && bytes[0] == 0 && bytes[15] == 0);
	CHECK(close(100) == 0 && close(101) == 0 && close(copy) == 0 && close(file) == 0);
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 256);
}

static void others(void)
{
	struct tms times_used;
	char name[16] = "";
	unsigned char random[64] = { 0 };
	int zeros = 0;

	CHECK(getrandom(random, sizeof(random), 0) == sizeof(random));
	for (int i = 0; i < 64; i++)
		zeros += random[i] == 0;
	CHECK(zeros < 16);
	CHECK(prctl(PR_SET_NAME, "renamed") == 0 && prctl(PR_GET_NAME, name) == 0);
	CHECK(strcmp(name, "renamed") == 0);
	CHECK(times(&times_used) != (clock_t)-1);
	CHECK(sched_yield() == 0);
	umask(027);
	CHECK(umask(022) == 027);
	CHECK(sched_getcpu() >= 0);
}

int main(void)
{
	identity();
	errors();
	edges();
	many_arguments();
	paths();
	descriptors();
	others();
	return checks_done();
}
