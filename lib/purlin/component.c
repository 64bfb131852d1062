/* SPDX-License-Identifier: MIT */
/* Beginning and end of a component. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "runtime/component.h"
#include "runtime/lock.h"
#include "runtime/rpc.h"
#include "runtime/thread.h"
#include "session/parent.h"

struct lock runtime_lock;

_Noreturn void component_start(purlin_u64 argument);

/* Called by start.S on the first stack. Nothing works before this: no message buffer, no lock. */
_Noreturn void component_start(purlin_u64 argument)
{
	struct thread *self = thread_self();
	int value;

	self->message = (struct purlin_message *)PURLIN_FIRST_MESSAGE;
	self->slot = PURLIN_SLOT_THREAD;
	runtime_lock.signal = RUNTIME_LOCK_SLOT;
	/* Without it not even a message could be printed: slots and heap are under this lock. */
	if (purlin_signal_create(PURLIN_SLOT_ACCOUNT, RUNTIME_LOCK_SLOT))
		purlin_thread_exit(1);
	value = component_main(argument);
	component_exit(PARENT_EXIT_DONE, (purlin_u64)value);
}

purlin_u64 component_processors(void)
{
	purlin_u64 state, reason, address;

	/* Ours, so it cannot fail. */
	purlin_pd_status(PURLIN_SLOT_PD, &state, &reason, &address);
	return message()->word[PURLIN_STATUS_PROCESSORS];
}

_Noreturn void component_exit(purlin_u64 how, purlin_u64 value)
{
	message()->word[0] = how;
	message()->word[1] = value;
	rpc(PURLIN_SLOT_PARENT, PARENT_EXIT, 2);
	/* Only core comes here, or a component whose parent is gone. */
	for (;;)
		purlin_thread_exit(value);
}

_Noreturn void component_panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	component_exit(PARENT_EXIT_PANIC, 1);
}

_Noreturn void abort(void)
{
	component_panic("abort");
}
