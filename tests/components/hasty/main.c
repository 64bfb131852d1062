/* SPDX-License-Identifier: MIT */
/* Faults while a session is being opened for it, and has one with a server that is deaf. */
#include <stddef.h>
#include <stdio.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "runtime/thread.h"

#define PRIORITY 20
#define MUCH 65536 /* pages: two lives at a time do not fit into the machine */

static void open_at_mute(void *argument)
{
	purlin_u64 session;

	(void)argument;
	(void)session_open("Mute", "", &session);
	purlin_thread_exit(0);
}

int component_main(purlin_u64 argument)
{
	static volatile int *volatile nowhere = (volatile int *)0x10;
	purlin_u64 session, thread, memory;
	void *address;

	(void)argument;
	printf("deaf: %s\n", status_text(session_open("Deaf", "", &session)));
	printf("memory: %s\n", status_text(memory_new_mapped(MUCH, 0, &memory, &address)));
	if (thread_spawn(open_at_mute, NULL, 0, PRIORITY, &thread))
		return 1;
	/* The other asks init, which is more urgent than both. */
	purlin_thread_yield();
	return *nowhere;
}
