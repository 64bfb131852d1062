/* SPDX-License-Identifier: MIT */
/*
 * The client of all servers, which lives again and again. In every other life it goes on after a
 * server has died, with a new session; else it ends with it.
 */
#include <stddef.h>
#include <stdio.h>

#include "../check.h"
#include "die.h"
#include "fate.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/parent.h"
#include "visit.h"

/* init is at 48, servers are at 40 and less. */
#define URGENT 47
#define USUAL 46
#define PATIENT 45

static purlin_u64 fates, turn, fatal, requests, patient_signal, urgent_signal;

purlin_s64 __real_rpc_exchange(purlin_u64 endpoint, purlin_u32 operation, unsigned int words,
			       unsigned int sent, const purlin_u64 *send, unsigned int wanted,
			       purlin_u64 *received);
purlin_s64 __wrap_rpc_exchange(purlin_u64 endpoint, purlin_u32 operation, unsigned int words,
			       unsigned int sent, const purlin_u64 *send, unsigned int wanted,
			       purlin_u64 *received);

static void tell(purlin_u32 operation)
{
	struct purlin_message saved = *message();

	message()->word[0] = operation;
	(void)__real_rpc_exchange(fates, FATE_MET, 1, 0, NULL, 0, NULL);
	*message() = saved;
}

/*
 * The Nth request: a thread that is less urgent than this one, and more than the servers, is told
 * to die. It gets to it when the request waits for a server that has not even begun.
 */
purlin_s64 __wrap_rpc_exchange(purlin_u64 endpoint, purlin_u32 operation, unsigned int words,
			       unsigned int sent, const purlin_u64 *send, unsigned int wanted,
			       purlin_u64 *received)
{
	bool last = ++requests == fatal;
	purlin_s64 status;

	if (last) {
		tell(operation);
		purlin_signal_notify(patient_signal, 1);
		thread_self()->call_flags = PURLIN_INFO_LENDS_NOTHING;
	}
	status = __real_rpc_exchange(endpoint, operation, words, sent, send, wanted, received);
	if (last)
		(void)die_with_all_threads(fatal);
	return status;
}

static void wait_for_death(void *argument)
{
	purlin_u64 bits;

	if (!purlin_signal_wait(*(purlin_u64 *)argument, &bits))
		(void)die_with_all_threads(turn);
	component_exit(PARENT_EXIT_RESTART, 0);
}

static void must(const char *what, purlin_s64 status)
{
	if (status)
		check_status(what, status, PURLIN_OK);
}

static void prepare(purlin_u64 *signal, purlin_u64 priority)
{
	purlin_u64 thread;

	*signal = slot_reserve();
	must("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, *signal));
	if (priority)
		must("thread", thread_spawn(wait_for_death, signal, 0, priority, &thread));
}

/* All servers are there and rest now, and nothing of the life before is under way. */
static void take_census(void)
{
	static const char *const services[] = { "Terminal", "PCI", "Echo" };
	purlin_u64 session;

	for (unsigned int i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (session_open(services[i], FATE_CENSUS, &session) != PURLIN_NO_DEVICE)
			printf("FAILED census of %s\n", services[i]);
	if (session_open("Census", "", &session) != PURLIN_NO_DEVICE)
		printf("FAILED census of init and core\n");
}

static void visit(purlin_s64 (*part)(void))
{
	if (!part())
		return;
	if (turn % 2 || part())
		component_exit(PARENT_EXIT_RESTART, 0);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 wish, number;

	(void)argument;
	prepare(&visit_signal, 0);
	prepare(&urgent_signal, URGENT);
	prepare(&patient_signal, PATIENT);
	must("priority", purlin_thread_schedule(PURLIN_SLOT_THREAD, USUAL, 10000));
	must("Fates", session_open("Fates", "", &fates));
	take_census();
	must("visit", rpc_send(fates, FATE_VISIT, 0, urgent_signal));
	wish = message()->word[0];
	number = message()->word[1];
	turn = message()->word[2];
	if (wish == VISITOR_DONE)
		component_exit(PARENT_EXIT_POWER_OFF, 0);
	requests = 0;
	fatal = wish == FATE_CALLER ? number : 0;
	visit(visit_core);
	visit(visit_terminal);
	visit(visit_pci);
	visit(visit_echo);
	component_exit(PARENT_EXIT_RESTART, 0);
}
