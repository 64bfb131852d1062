// SPDX-License-Identifier: MIT
/* Address spaces: mmap, mprotect, munmap, mremap, brk, execution, files mapped, a model-checked
 * churn. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "check.h"

#define PAGE 4096ul
#define MEBIBYTE (1ul << 20)

static sigjmp_buf jump;

static void on_fault(int signal)
{
	siglongjmp(jump, signal);
}

/* 0, or the signal that the access raised. */
static int touch(volatile char *address, bool write)
{
	int signal = sigsetjmp(jump, 1);

	if (signal)
		return signal;
	if (write)
		*address = 1;
	else
		(void)*address;
	return 0;
}

static int call(void *code)
{
	int signal = sigsetjmp(jump, 1);

	if (signal)
		return -signal;
	return ((int (*)(void))code)();
}

static void *pages(size_t count, int rights)
{
	void *area = mmap(NULL, count * PAGE, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(area != MAP_FAILED);
	return area;
}

static void rights(void)
{
	char *area = pages(4, PROT_READ | PROT_WRITE);

	area[0] = 5;
	CHECK(mprotect(area, PAGE, PROT_READ) == 0);
	CHECK(touch(area, false) == 0 && touch(area, true) == SIGSEGV && area[0] == 5);
	CHECK(mprotect(area, PAGE, PROT_NONE) == 0);
	CHECK(touch(area, false) == SIGSEGV);
	CHECK(touch(area + PAGE, true) == 0);
	CHECK(mprotect(area, 4 * PAGE, PROT_READ | PROT_WRITE) == 0);
	CHECK(touch(area, true) == 0);
	CHECK(munmap(area + PAGE, PAGE) == 0);
	CHECK(touch(area + PAGE, false) == SIGSEGV && touch(area + 2 * PAGE, false) == 0);
	CHECK_ERROR(mprotect(area, 4 * PAGE, PROT_READ), ENOMEM);
	munmap(area, 4 * PAGE);
	CHECK(touch(area, false) == SIGSEGV);
}

/* mov $VALUE, %eax; ret */
static void write_code(unsigned char *code, unsigned char value)
{
	const unsigned char bytes[] = { 0xb8, value, 0, 0, 0, 0xc3 };

	memcpy(code, bytes, sizeof(bytes));
}

static void execution(void)
{
	unsigned char *code = pages(1, PROT_READ | PROT_WRITE);

	write_code(code, 11);
	CHECK(call(code) == -SIGSEGV); /* not executable */
	CHECK(mprotect(code, PAGE, PROT_READ | PROT_EXEC) == 0 && call(code) == 11);
	CHECK(touch((char *)code, true) == SIGSEGV);
	for (unsigned char value = 1; value < 100; value++) {
		CHECK(mprotect(code, PAGE, PROT_READ | PROT_WRITE) == 0);
		write_code(code, value);
		CHECK(mprotect(code, PAGE, PROT_READ | PROT_EXEC) == 0 && call(code) == value);
	}
	CHECK(mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
	write_code(code, 120);
	CHECK(call(code) == 120);
	munmap(code, PAGE);
}

static void large(void)
{
	size_t size = 24 * MEBIBYTE;
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t wrong = 0;

	REQUIRE(area != MAP_FAILED);
	for (size_t at = 0; at < size; at += PAGE)
		*(size_t *)(area + at) = at;
	for (size_t at = 0; at < size; at += PAGE)
		wrong += *(size_t *)(area + at) != at;
	CHECK(wrong == 0);
	CHECK(madvise(area, size, MADV_DONTNEED) == 0);
	for (size_t at = 0; at < size; at += 16 * PAGE)
		wrong += *(size_t *)(area + at) != 0;
	CHECK(wrong == 0);
	CHECK(munmap(area, size) == 0);
}

static void moved(void)
{
	char *area = pages(4, PROT_READ | PROT_WRITE), *grown;

	strcpy(area + 3 * PAGE, "moved along");
	grown = mremap(area, 4 * PAGE, 512 * PAGE, MREMAP_MAYMOVE);
	REQUIRE(grown != MAP_FAILED);
	CHECK(strcmp(grown + 3 * PAGE, "moved along") == 0 && grown[511 * PAGE] == 0);
	if (grown != area)
		CHECK(touch(area, false) == SIGSEGV);
	area = mremap(grown, 512 * PAGE, PAGE, 0);
	CHECK(area == grown && touch(grown + 3 * PAGE, false) == SIGSEGV);
	munmap(grown, PAGE);
}

static void program_break(void)
{
	char *start = sbrk(0);

	CHECK(sbrk(2 * (intptr_t)MEBIBYTE) == start);
	memset(start, 7, 2 * MEBIBYTE);
	CHECK(start[MEBIBYTE] == 7 && brk(start) == 0);
	CHECK(touch(start + MEBIBYTE, false) == SIGSEGV);
}

static void mapped_files(void)
{
	int file = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *shared, *own, text[6] = "";

	REQUIRE(file >= 0 && ftruncate(file, 3 * PAGE) == 0);
	shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	own = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	REQUIRE(shared != MAP_FAILED && own != MAP_FAILED);
	strcpy(shared + PAGE, "hello");
	CHECK(pread(file, text, 5, PAGE) == 5 && strcmp(text, "hello") == 0);
	CHECK(strcmp(own + PAGE, "hello") == 0);
	strcpy(own + PAGE, "mine!");
	CHECK(strcmp(shared + PAGE, "hello") == 0);
	CHECK(pwrite(file, "HELLO", 5, PAGE) == 5 && strcmp(shared + PAGE, "HELLO") == 0);
	CHECK(strcmp(own + PAGE, "mine!") == 0);
	CHECK(touch(shared + 3 * PAGE, false) == SIGBUS); /* beyond the end of the file */
	CHECK(msync(shared, 3 * PAGE, MS_SYNC) == 0);
	CHECK(ftruncate(file, PAGE) == 0 && touch(shared + PAGE, false) == SIGBUS);
	munmap(shared, 4 * PAGE);
	munmap(own, 3 * PAGE);
	close(file);
	unlink("/tmp/mapped");
}

static void fixed_and_memfd(void)
{
	char *area = pages(8, PROT_READ | PROT_WRITE);
	int memory = memfd_create("test", 0);
	char *twice[2];

	REQUIRE(memory >= 0 && ftruncate(memory, PAGE) == 0);
	memset(area, 3, 8 * PAGE);
	twice[0] = mmap(area + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			memory, 0);
	twice[1] = mmap(area + 5 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			memory, 0);
	CHECK(twice[0] == area + 2 * PAGE && twice[1] == area + 5 * PAGE);
	CHECK(area[2 * PAGE] == 0 && area[3 * PAGE] == 3);
	twice[0][100] = 42;
	CHECK(twice[1][100] == 42);
	munmap(area, 8 * PAGE);
	close(memory);
}

static void other_process(void)
{
	char *area = pages(1, PROT_READ | PROT_WRITE), copy[32] = "";
	struct iovec here = { copy, sizeof(copy) }, there = { area, sizeof(copy) };
	pid_t child;

	strcpy(area, "parent");
	child = fork();
	if (child == 0) {
		strcpy(area, "child's own");
		raise(SIGSTOP);
		_exit(strcmp(area, "from outside") != 0);
	}
	int status;
	CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
	CHECK(process_vm_readv(child, &here, 1, &there, 1, 0) == sizeof(copy) &&
	      strcmp(copy, "child's own") == 0);
	strcpy(copy, "from outside");
	CHECK(process_vm_writev(child, &here, 1, &there, 1, 0) == sizeof(copy));
	kill(child, SIGCONT);
	CHECK(waitpid(child, &status, 0) == child && status == 0 && strcmp(area, "parent") == 0);
}

/* Thousands of random changes against a model of what each page may do and holds. */
static void churn(void)
{
	enum { PAGES = 128, ROUNDS = 20000 };
	static int may[PAGES];
	static char holds[PAGES];
	char *area = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int seed = 12345, wrong = 0;
	const int choices[3] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };

	REQUIRE(area != MAP_FAILED);
	for (int round = 0; round < ROUNDS && !wrong; round++) {
		unsigned int page = (seed = seed * 1103515245 + 12345) >> 16 & (PAGES - 1);
		unsigned int length = 1 + ((seed >> 8) & 7), what = (seed >> 24) & 7;

		if (page + length > PAGES)
			length = PAGES - page;
		if (what < 3) {
			mprotect(area + page * PAGE, length * PAGE, choices[what]);
			for (unsigned int i = page; i < page + length; i++)
				may[i] = choices[what];
		} else if (what == 3) {
			mmap(area + page * PAGE, length * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			for (unsigned int i = page; i < page + length; i++) {
				may[i] = PROT_READ | PROT_WRITE;
				holds[i] = 0;
			}
		} else {
			volatile char *byte = area + page * PAGE + (round & 4095);
			bool write = what & 1;
			int need = write ? PROT_WRITE : PROT_READ;
			int signal = touch(byte, write);

			wrong += (signal == 0) != ((may[page] & need) != 0);
			if (signal == 0 && write) {
				area[page * PAGE] = (char)(round | 1);
				holds[page] = (char)(round | 1);
			} else if (signal == 0) {
				wrong += area[page * PAGE] != holds[page] && holds[page] != 0;
			}
		}
	}
	CHECK(wrong == 0);
	munmap(area, PAGES * PAGE);
}

/* The end of a process's addresses, where pages are mapped together with their neighbours, too. */
static void last_pages(void)
{
	const size_t bytes = 9 * PAGE;
	char *end = (char *)((1ul << 47) - PAGE);
	char *area = mmap(end - bytes, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	int status = -1;
	pid_t child;

	REQUIRE(area == end - bytes);
	for (size_t i = 0; i < bytes; i += PAGE)
		area[i] = (char)(1 + i / PAGE);
	/* The child finds the pages in its table; nothing has mapped them for it yet. */
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		int wrong = 0;

		for (size_t i = bytes; i; i -= PAGE)
			wrong += area[i - PAGE] != (char)(i / PAGE);
		_exit(wrong);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(touch(end - 1, true) == 0);
	CHECK(touch(end, false) == SIGSEGV);
	munmap(area, bytes);
}

int main(void)
{
	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	rights();
	execution();
	large();
	moved();
	program_break();
	mapped_files();
	fixed_and_memfd();
	other_process();
	last_pages();
	churn();
	return checks_done();
}
