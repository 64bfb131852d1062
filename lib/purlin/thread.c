/* SPDX-License-Identifier: MIT */
/* Further threads of a component. */
#include <stdio.h>
#include <stdlib.h>

#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/addresses.h"
#include "runtime/arch/processor.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define STACK_PAGES (THREAD_STACK_BYTES / PURLIN_PAGE_SIZE)

static void thread_begin(purlin_u64 argument)
{
	struct thread *self = thread_self();

	(void)argument;
	self->entry(self->argument);
	/* The others would go on without it, and nobody would notice. */
	printf("a thread has returned\n");
	abort();
}

/* Memory for a stack at an address aligned to its size, by which thread_self() finds the block. */
static purlin_s64 stack_new(purlin_u64 *memory, purlin_u64 *stack)
{
	purlin_s64 status = memory_new(PURLIN_SLOT_ACCOUNT, STACK_PAGES, 0, memory);

	if (status)
		return status;
	*stack = addresses_reserve(STACK_PAGES, THREAD_STACK_BYTES);
	status = !*stack ? PURLIN_NO_MEMORY :
			   purlin_memory_map(*memory, PURLIN_SLOT_PD, *stack, 0, STACK_PAGES,
					     PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	if (status) {
		addresses_release(*stack);
		slot_delete(*memory);
	}
	return status;
}

purlin_s64 thread_spawn(void (*entry)(void *), void *argument, purlin_u64 cpu, purlin_u64 priority,
			purlin_u64 *slot)
{
	purlin_u64 memory, stack, buffer;
	struct thread *thread;
	purlin_s64 status = stack_new(&memory, &stack);

	if (status)
		return status;
	status = PURLIN_NO_MEMORY;
	buffer = addresses_reserve(1, PURLIN_PAGE_SIZE);
	*slot = slot_reserve();
	if (!buffer || !*slot)
		goto release;
	status = purlin_thread_create(PURLIN_SLOT_PD, *slot, cpu, priority, buffer);
	if (status)
		goto release;
	/* The new thread finds all it needs in its block: set that up before it starts. */
	thread = (struct thread *)(stack + THREAD_STACK_BYTES - THREAD_BLOCK_BYTES);
	thread->message = (struct purlin_message *)buffer;
	thread->slot = *slot;
	thread->stack = memory;
	thread->entry = entry;
	thread->argument = argument;
	status = purlin_thread_start(*slot, (purlin_u64)thread_begin,
				     arch_entry_stack((purlin_u64)thread), 0);
	if (!status)
		return PURLIN_OK;
	purlin_object_destroy(*slot);
	slot_delete(*slot);
	*slot = 0;
	/* What was not taken is 0, which may be released, too. */
release:
	slot_release(*slot);
	addresses_release(buffer);
	purlin_memory_unmap(PURLIN_SLOT_PD, stack);
	addresses_release(stack);
	slot_delete(memory);
	return status;
}
