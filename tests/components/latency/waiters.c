/* SPDX-License-Identifier: MIT */
/* Hundreds of threads wait for one object, which goes. */
#include <string.h>

#include "../check.h"
#include "latency.h"
#include "purlin/boot.h"
#include "purlin/call_numbers.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define PDS 4
#define THREADS 120 /* of each */
#define PRIORITY 20 /* as ours */
#define CODE 0x10000
#define SLOT 20 /* of what they wait for */

extern const char waiter[], waiter_end[];

/* Makes the call whose number is in RSP, then ends. */
#define TEXT(number) #number
#define NUMBER(number) TEXT(number)
/* clang-format off */
__asm__(".pushsection .rodata\n"
	"waiter:	movq %rsp, %rax\n"
	"	movl $" NUMBER(SLOT) ", %edi\n"
	"	xorl %esi, %esi\n"
	"	syscall\n"
	"	movl $" NUMBER(PURLIN_CALL_THREAD_EXIT) ", %eax\n"
	"	xorl %edi, %edi\n"
	"	syscall\n"
	"waiter_end:\n"
	".popsection\n");
/* clang-format on */

static purlin_u64 code_new(void)
{
	purlin_u64 memory;
	void *window;

	check_status("waiters: code", memory_new_mapped(1, 0, &memory, &window), PURLIN_OK);
	memcpy(window, waiter, (size_t)(waiter_end - waiter));
	memory_unmap(window);
	return memory;
}

static purlin_u64 waiters_new(purlin_u64 code, purlin_u64 object, purlin_u64 number)
{
	purlin_u64 pd = pd_new(64, 0), thread = slot_reserve();
	purlin_s64 status =
		purlin_memory_map(code, pd, CODE, 0, 1, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);

	if (!status)
		status = purlin_cap_copy(pd, SLOT, object, PURLIN_RIGHT_ALL, 0);
	for (purlin_u64 i = 0; !status && i < THREADS; i++) {
		status = purlin_thread_create(pd, thread, 0, PRIORITY,
					      NATIVE + i * PURLIN_PAGE_SIZE);
		if (!status)
			status = purlin_thread_start(thread, CODE, number, 0);
		purlin_cap_delete(PURLIN_SLOT_PD, thread);
	}
	check_status("waiters: threads", status, PURLIN_OK);
	slot_release(thread);
	return pd;
}

static void wait_for(const char *name, purlin_u64 object, purlin_u64 number)
{
	purlin_u64 code = code_new(), pds[PDS];

	for (unsigned int i = 0; i < PDS; i++)
		pds[i] = waiters_new(code, object, number);
	/* Each has its turn before ours comes again, and waits. */
	purlin_thread_yield();
	begin();
	end(name, purlin_object_destroy(object));
	for (unsigned int i = 0; i < PDS; i++) {
		check_status("waiters: their PD", purlin_object_destroy(pds[i]), PURLIN_OK);
		slot_delete(pds[i]);
	}
	slot_delete(object);
	slot_delete(code);
}

static purlin_u64 endpoint_new(void)
{
	purlin_u64 slot = slot_reserve();

	check_status("waiters: endpoint", purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, slot),
		     PURLIN_OK);
	return slot;
}

void many_waiters(void)
{
	purlin_u64 signal = slot_reserve();

	check_status("waiters: signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal),
		     PURLIN_OK);
	wait_for("signal: destroy it under 480 that wait", signal, PURLIN_CALL_SIGNAL_WAIT);
	wait_for("endpoint: destroy it under 480 callers", endpoint_new(),
		 PURLIN_CALL_ENDPOINT_CALL);
	wait_for("endpoint: destroy it under 480 receivers", endpoint_new(),
		 PURLIN_CALL_ENDPOINT_RECEIVE);
}
