/* SPDX-License-Identifier: MIT */
/*
 * General registers on each way out of the kernel: of a guest (image/registers.c), and of native
 * threads that call, the short way and the long one.
 */
#include <stdio.h>

#include "image/registers.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "run.h"
#include "runtime/component.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define PRIORITY 20
#define CALLED (1ull << AT_RAX | 1ull << AT_RCX | 1ull << AT_R11)

static purlin_u64 endpoint;

static void serve(void *argument)
{
	purlin_u64 info, badge;

	(void)argument;
	must(purlin_endpoint_receive(endpoint, &info, &badge), "endpoint_receive");
	for (;;)
		must(purlin_endpoint_reply_receive(endpoint, info, &info, &badge),
		     "endpoint_reply_receive");
}

static void call(const char *name, purlin_u64 results)
{
	purlin_u64 wrong;

	registers_call();
	wrong = registers_changed(CALLED | results) | sysret_leftover(registers_call_end);
	line(name, !wrong, wrong, 0);
}

/* The server's registers are other ones: what comes back must be the caller's. */
static void exchange(const char *name, purlin_u64 info)
{
	registers_fill();
	registers_before[AT_RAX] = PURLIN_CALL_ENDPOINT_CALL;
	registers_before[AT_RDI] = endpoint;
	registers_before[AT_RSI] = info;
	call(name, 1ull << AT_RDX);
	line("  answered", registers_after[AT_RAX] == PURLIN_OK, registers_after[AT_RAX], 0);
}

static void check_native(void)
{
	purlin_u64 thread;

	registers_fill();
	registers_before[AT_RAX] = NO_SUCH_CALL;
	call("registers: native call", 0);
	endpoint = slot_reserve();
	must(purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint), "endpoint_create");
	must(thread_spawn(serve, NULL, 0, PRIORITY, &thread), "thread_spawn");
	/* The first waits until the server runs. */
	exchange("registers: native, waits for a server", PURLIN_INFO(0, 1, 0));
	exchange("registers: native, the short way", PURLIN_INFO(0, 1, 0));
	exchange("registers: native, the long way",
		 PURLIN_INFO(0, 1, 0) | PURLIN_INFO_LENDS_NOTHING);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	check_native();
	play_checks(GUEST_REGISTERS);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
