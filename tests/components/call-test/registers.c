/* SPDX-License-Identifier: MIT */
/*
 * What a thread finds in its registers after it waited for another: all that abi/calls.toml says is
 * kept, and nothing of the other's. Client and server fill theirs with different patterns.
 */
#include <stddef.h>

#include "purlin/message.h"
#include "runtime/thread.h"
#include "tests.h"

#define PRIORITY 20
#define ROUNDS 4
#define FAR_TURNS 10000
#define MEMORY_PAGES 32

/* Order in call_with(). */
enum { RBX, RBP, R12, R13, R14, R15, R10, R8, R9, RDI, RSI, RDX, FS, GS, XMM0, RAX, REGISTERS };

static purlin_u64 endpoint;
static volatile unsigned int server_wrong;

/* Load the registers, make the call in RAX, store them. */
static void call_with(purlin_u64 *values)
{
	/* The address and RBP, which the compiler keeps for itself, wait on the stack. */
	__asm__ volatile("pushq %%rbp\n\t"
			 "pushq %%rax\n\t"
			 "movq 0x60(%%rax), %%rcx\n\twrfsbase %%rcx\n\t"
			 "movq 0x68(%%rax), %%rcx\n\twrgsbase %%rcx\n\t"
			 "movq 0x70(%%rax), %%xmm0\n\t"
			 "movq 0x00(%%rax), %%rbx\n\tmovq 0x08(%%rax), %%rbp\n\t"
			 "movq 0x10(%%rax), %%r12\n\tmovq 0x18(%%rax), %%r13\n\t"
			 "movq 0x20(%%rax), %%r14\n\tmovq 0x28(%%rax), %%r15\n\t"
			 "movq 0x30(%%rax), %%r10\n\tmovq 0x38(%%rax), %%r8\n\t"
			 "movq 0x40(%%rax), %%r9\n\tmovq 0x48(%%rax), %%rdi\n\t"
			 "movq 0x50(%%rax), %%rsi\n\tmovq 0x58(%%rax), %%rdx\n\t"
			 "movq 0x78(%%rax), %%rax\n\t"
			 "syscall\n\t"
			 "popq %%rcx\n\t"
			 "movq %%rbx, 0x00(%%rcx)\n\tmovq %%rbp, 0x08(%%rcx)\n\t"
			 "movq %%r12, 0x10(%%rcx)\n\tmovq %%r13, 0x18(%%rcx)\n\t"
			 "movq %%r14, 0x20(%%rcx)\n\tmovq %%r15, 0x28(%%rcx)\n\t"
			 "movq %%r10, 0x30(%%rcx)\n\tmovq %%r8, 0x38(%%rcx)\n\t"
			 "movq %%r9, 0x40(%%rcx)\n\tmovq %%rdi, 0x48(%%rcx)\n\t"
			 "movq %%rsi, 0x50(%%rcx)\n\tmovq %%rdx, 0x58(%%rcx)\n\t"
			 "rdfsbase %%rdx\n\tmovq %%rdx, 0x60(%%rcx)\n\t"
			 "rdgsbase %%rdx\n\tmovq %%rdx, 0x68(%%rcx)\n\t"
			 "movq %%xmm0, 0x70(%%rcx)\n\t"
			 "movq %%rax, 0x78(%%rcx)\n\t"
			 "popq %%rbp"
			 : "+a"(values)
			 :
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
			   "r13", "r14", "r15", "xmm0", "memory", "cc");
}

static void fill(purlin_u64 *values, purlin_u64 pattern, purlin_u64 call, purlin_u64 info)
{
	for (unsigned int i = 0; i < REGISTERS; i++)
		values[i] = pattern * (i + 1);
	/* Bases are canonical addresses. */
	values[FS] &= 0x7fffffffffff;
	values[GS] &= 0x7fffffffffff;
	values[RAX] = call;
	values[RDI] = endpoint;
	values[RSI] = info;
}

/* Make the call; how many registers are not as before, but for the first `results` results. */
static unsigned int call_keeps(purlin_u64 *values, unsigned int results)
{
	purlin_u64 before[REGISTERS];
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < REGISTERS; i++)
		before[i] = values[i];
	call_with(values);
	for (unsigned int i = 0; i < RAX; i++) {
		if ((i == RDX && results > 0) || (i == R8 && results > 1))
			continue;
		wrong += values[i] != before[i];
	}
	return wrong;
}

static void serve(void *argument)
{
	purlin_u64 values[REGISTERS], info = 0, badge = 0;

	(void)argument;
	purlin_endpoint_receive(endpoint, &info, &badge);
	for (purlin_u64 round = 1;; round++) {
		fill(values, 0x1122334455667788 * round, PURLIN_CALL_ENDPOINT_REPLY_RECEIVE,
		     PURLIN_INFO(round, 0, 0));
		server_wrong += call_keeps(values, 2);
		if (values[RAX])
			purlin_thread_exit(0);
	}
}

/* With a capability the call goes the long way through the kernel. */
static void calls(const char *name, unsigned int capabilities)
{
	purlin_u64 values[REGISTERS];
	unsigned int wrong = 0, bad_results = 0;

	message()->send_slot[0] = (purlin_u32)endpoint;
	for (purlin_u64 round = 1; round <= ROUNDS; round++) {
		fill(values, 0x0807060504030201 * round, PURLIN_CALL_ENDPOINT_CALL,
		     PURLIN_INFO(0, 0, capabilities));
		wrong += call_keeps(values, 1);
		bad_results += values[RAX] != 0 || PURLIN_INFO_WORDS(values[RDX]) != 0;
	}
	check_equal(name, wrong, 0);
	check_equal("  results", bad_results, 0);
	check_equal("  registers of the server", server_wrong, 0);
}

/* The kernel looks through what it gives, by vector registers of its own choice. */
static void gives_memory(void)
{
	purlin_u64 values[REGISTERS];

	fill(values, 0x1020304050607080, PURLIN_CALL_MEMORY_CREATE, slot_reserve());
	values[RDI] = PURLIN_SLOT_ACCOUNT;
	values[RDX] = MEMORY_PAGES;
	values[R10] = 0;
	check_equal("registers of a call that gives memory", call_keeps(values, 0), 0);
	check_equal("  result", values[RAX], PURLIN_OK);
	purlin_object_destroy(values[RSI]);
	slot_delete(values[RSI]);
}

/*
 * The one selector of code there is leads back where it came from, by a jump and by a return, many
 * times, with interrupts in between.
 */
static void far_ways(void)
{
	unsigned int turns = 0;

	for (unsigned int i = 0; i < FAR_TURNS; i++) {
		struct {
			purlin_u32 offset;
			unsigned short selector;
		} __attribute__((packed)) target;

		__asm__ volatile("movl $1f, %0\n\t"
				 "movw %%cs, %1\n\t"
				 "ljmpl *%0\n\t"
				 "ud2\n"
				 "1:\tincl %2"
				 : "=m"(target.offset), "=m"(target.selector), "+r"(turns)
				 :
				 : "memory", "cc");
	}
	check_equal("far jumps to the own selector", turns, FAR_TURNS);
}

void test_registers(void)
{
	purlin_u64 thread;

	endpoint = new_endpoint();
	check_status("registers: thread", thread_spawn(serve, NULL, 0, PRIORITY, &thread),
		     PURLIN_OK);
	calls("registers of a call", 0);
	calls("registers of a call with a capability", 1);
	purlin_object_destroy(endpoint);
	gives_memory();
	far_ways();
}
