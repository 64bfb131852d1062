/* SPDX-License-Identifier: MIT */
/* Attacks by what root reaches without a driver: memory, ports, the log, the microkernel's calls.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"

#define PAGE 0x1000ull
#define TEXT_AT 0x200000ull /* where a Linux's text begins in its memory */
#define WORDS 32

void attack_memory(void)
{
	int memory = open("/dev/mem", O_RDWR | O_SYNC);

	while (memory >= 0) {
		uint64_t at = foreign_address() & ~(PAGE - 1);
		volatile uint64_t *page =
			mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, (off_t)at);

		if (page == MAP_FAILED)
			continue;
		/* What faults takes this process along, and the next one goes on. */
		if (!fork()) {
			(void)page[below(512)];
			page[below(512)] = next_random();
			_exit(0);
		}
		munmap((void *)page, PAGE);
	}
}

/* Configuration space, reset, power, interrupt controllers, timers, DMA controllers: all of them by
 * the kernel, some by an instruction. */
void attack_ports(void)
{
	static const unsigned short place[] = { 0xcf8, 0xcfc, 0xcf9, 0x64,  0x60, 0x92,
						0x604, 0x20,  0xa0,  0x21,  0x40, 0x43,
						0x70,  0xb2,  0x3f8, 0x2f8, 0x0,  0x510 };
	int ports = open("/dev/port", O_RDWR);

	for (;;) {
		unsigned short port = below(2) ? place[below(sizeof(place) / sizeof(*place))] :
						 (unsigned short)below(65536);
		uint32_t value = (uint32_t)next_random();

		if (ports >= 0)
			(void)!pwrite(ports, &value, 1, port);
		if (!fork()) {
			(void)!iopl(3);
			(void)!ioperm(port & 0x3ff, 4, 1);
			outl(value, port);
			_exit(0);
		}
	}
}

void attack_log(void)
{
	int log = open("/dev/kmsg", O_WRONLY);
	char text[900];

	while (log >= 0) {
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = (char)(1 + below(255));
		text[0] = '<';
		text[1] = '1';
		text[2] = '>';
		(void)!write(log, text, sizeof(text));
		usleep(1000);
	}
}

/*
 * This lies over the text of a system call that nobody needs, and so runs as Linux's kernel: a call
 * to the microkernel with any registers, or to a function of Linux's. All it knows is in rdi.
 */
extern const char in_kernel[], in_kernel_end[];
__asm__("	.text\n"
	"in_kernel:\n"
	"	push %rbx\n"
	"	mov %rdi, %rbx\n"
	"	mov 8(%rbx), %rax\n"
	"	mov 16(%rbx), %rdi\n"
	"	mov 24(%rbx), %rsi\n"
	"	mov 32(%rbx), %rdx\n"
	"	mov 48(%rbx), %r8\n"
	"	mov 56(%rbx), %r9\n"
	"	cmpq $0, (%rbx)\n"
	"	jne 1f\n"
	"	mov 40(%rbx), %r10\n"
	"	syscall\n"
	"	jmp 2f\n"
	"1:	mov 40(%rbx), %rcx\n"
	"	call *%rax\n"
	"2:	mov %rax, 8(%rbx)\n"
	"	xor %eax, %eax\n"
	"	pop %rbx\n"
	"	ret\n"
	"in_kernel_end:\n");

static uint64_t symbol(const char *name)
{
	FILE *symbols = fopen("/proc/kallsyms", "r");
	char line[200], found[100];
	uint64_t address = 0;
	unsigned long at;

	while (symbols && !address && fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%lx %*c %99s", &at, found) == 2 && !strcmp(found, name))
			address = at;
	if (symbols)
		fclose(symbols);
	return address;
}

static bool lay(void)
{
	uint64_t at = symbol("sys_mq_open") - symbol("_text") + TEXT_AT,
		 length = (uint64_t)(in_kernel_end - in_kernel);
	int memory = open("/dev/mem", O_RDWR);
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
			   (off_t)(at & ~(PAGE - 1)));

	close(memory);
	if (pages == MAP_FAILED)
		return false;
	memcpy(pages + at % PAGE, in_kernel, length);
	munmap(pages, 2 * PAGE);
	return true;
}

static uint64_t of_kernel(const uint64_t *block)
{
	uint64_t words[8];

	memcpy(words, block, sizeof(words));
	syscall(SYS_mq_open, words, 0, 0, 0);
	return words[1];
}

/* An argument of a call: small, a slot, an address, a page, or anything. */
static uint64_t argument(void)
{
	switch (below(6)) {
	case 0:
		return below(8);
	case 1:
	case 2:
		return below(64);
	case 3:
		return foreign_address();
	case 4:
		return (uint64_t)1 << below(64);
	default:
		return next_random();
	}
}

void attack_calls(void)
{
	if (!lay())
		return;
	for (;;) {
		uint64_t block[8] = { 0, below(70) };

		for (unsigned int i = 2; i < 8; i++)
			block[i] = argument();
		of_kernel(block);
	}
}

/* Requests to whatever is behind the slots of this Linux: devices' server and init. */
void attack_sessions(void)
{
	uint64_t exchange = symbol("purlin_call");
	static uint64_t words[WORDS];

	if (!exchange || !lay())
		return;
	for (;;) {
		/* Slot 18 is the session of PCI; 4 the parent. */
		uint64_t endpoint = below(4) ? 18 : below(2) ? 4 : below(64);
		uint64_t block[8] = { 1,	 exchange, endpoint, below(24), (uint64_t)words,
				      below(12), 16,	   0 };

		for (unsigned int i = 0; i < WORDS; i++)
			words[i] = below(4) ? argument() : (2 + below(3)) << 7;
		of_kernel(block);
	}
}
