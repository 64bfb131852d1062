/* SPDX-License-Identifier: MIT */
/* Parent, LOG, Timer and Terminal. */
#include <stdio.h>
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/log.h"
#include "session/parent.h"
#include "session/terminal.h"
#include "session/timer.h"
#include "tests.h"

void test_parent(void)
{
	purlin_u64 session, endpoint = slot_reserve();

	check_status("parent: no route", session_open("PCI", "", &session), PURLIN_NO_RIGHT);
	check_status("parent: no such service", session_open("Nonsense", "", &session),
		     PURLIN_NO_RIGHT);
	check_status("parent: label too long",
		     session_open("ROM", "a label of more than 15 characters", &session),
		     PURLIN_BAD_ARGUMENT);
	check_status("parent: label that would end a log line",
		     session_open("ROM", "a\n[init] b", &session), PURLIN_BAD_ARGUMENT);
	check_status("parent: service that would end a log line",
		     session_open("a\n[init] b", "", &session), PURLIN_BAD_ARGUMENT);
	check_status("parent: unknown operation", rpc(PURLIN_SLOT_PARENT, 99, 0), PURLIN_BAD_CALL);
	purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint);
	check_status("parent: announce what is not provided",
		     session_announce("Terminal", endpoint), PURLIN_NO_RIGHT);
	check_status("parent: announce without capability",
		     rpc(PURLIN_SLOT_PARENT, PARENT_ANNOUNCE, 2), PURLIN_BAD_CAPABILITY);
}

void test_log(void)
{
	purlin_u64 session;

	if (!check_status("LOG: open", session_open("LOG", "test", &session), PURLIN_OK))
		return;
	message()->word[0] = LOG_WRITE_BYTES + 1;
	check_status("LOG: too long", rpc(session, LOG_WRITE, 1), PURLIN_BAD_ARGUMENT);
	message()->word[0] = 12;
	memcpy(&message()->word[1], "two\nlines..\n", 12);
	check_status("LOG: write", rpc(session, LOG_WRITE, 3), PURLIN_OK);
	message()->word[0] = 16;
	memcpy(&message()->word[1], "\r[init] forged.\n", 16);
	check_status("LOG: no way over the label", rpc(session, LOG_WRITE, 3), PURLIN_OK);
}

void test_timer(void)
{
	purlin_u64 session, signal = slot_reserve(), hz = 0, now = 0, bits = 0;
	purlin_u64 unwritable;

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	if (!check_status("Timer: open", session_open("Timer", "", &session), PURLIN_OK))
		return;
	check_status("Timer: set before start", timer_alarm(session, 0), PURLIN_BUSY);
	check_status("Timer: info", timer_info(session, &hz, &now), PURLIN_OK);
	check_true("Timer: frequency", hz > 1000000);
	check_status("Timer: start without a signal", rpc_send(session, TIMER_START, 0, session),
		     PURLIN_BAD_CAPABILITY);
	check_status("Timer: start without any", rpc(session, TIMER_START, 0),
		     PURLIN_BAD_CAPABILITY);
	if (!slot_copy(signal, PURLIN_RIGHT_READ, 4, &unwritable)) {
		check_status("Timer: start with a signal it may not set",
			     rpc_send(session, TIMER_START, 0, unwritable), PURLIN_NO_RIGHT);
		slot_delete(unwritable);
	}
	check_status("Timer: start", timer_start(session, signal, 4), PURLIN_OK);
	check_status("Timer: start twice", timer_start(session, signal, 4), PURLIN_BUSY);
	now = tsc_now();
	check_status("Timer: set", timer_alarm(session, now + hz / 100), PURLIN_OK);
	check_status("Timer: not yet", purlin_signal_poll(signal, &bits), PURLIN_AGAIN);
	check_status("Timer: wait", purlin_signal_wait(signal, &bits), PURLIN_OK);
	check_true("Timer: not too early", tsc_now() - now >= hz / 100);
	check_equal("Timer: the chosen bit", bits, 4);
	check_status("Timer: set far away", timer_alarm(session, now + 1000 * hz), PURLIN_OK);
	check_status("Timer: off", timer_alarm(session, ~0ull), PURLIN_OK);
	check_status("Timer: in the past", timer_alarm(session, 1), PURLIN_OK);
	check_status("Timer: at once", purlin_signal_wait(signal, &bits), PURLIN_OK);
}

/* Write a line and wait until the server has taken it. */
static void write_line(struct terminal_shared *shared, purlin_u64 server, purlin_u64 signal)
{
	static const char line[] = "a line through the Terminal session\r\n";
	purlin_u64 bits;

	memcpy(shared->output_data, line, sizeof(line) - 1);
	__atomic_store_n(&shared->output.head, sizeof(line) - 1, __ATOMIC_RELEASE);
	purlin_signal_notify(server, ~0ull);
	while (__atomic_load_n(&shared->output.tail, __ATOMIC_ACQUIRE) != sizeof(line) - 1)
		purlin_thread_yield();
	check_true("Terminal: line taken", true);
	/* Garbage: a fill beyond the size is to be taken for an empty ring. */
	__atomic_store_n(&shared->output.head, 0x80000000u, __ATOMIC_RELEASE);
	purlin_signal_notify(server, ~0ull);
	while (__atomic_load_n(&shared->output.tail, __ATOMIC_ACQUIRE) != 0x80000000u)
		purlin_thread_yield();
	check_true("Terminal: garbage survived", purlin_signal_poll(signal, &bits));
}

void test_terminal(void)
{
	purlin_u64 session, other, signal = slot_reserve(), copy, received[2], again[2];
	void *shared;

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	check_status("Terminal: unknown label", session_open("Terminal", "nowhere", &session),
		     PURLIN_NO_DEVICE);
	if (!check_status("Terminal: open", session_open("Terminal", "console", &session),
			  PURLIN_OK))
		return;
	check_status("Terminal: one client for a line", session_open("Terminal", "console", &other),
		     PURLIN_BUSY);
	check_status("Terminal: start without signal", rpc(session, TERMINAL_START, 0),
		     PURLIN_BAD_CAPABILITY);
	slot_copy(signal, PURLIN_RIGHT_WRITE, 1, &copy);
	if (!check_status("Terminal: start",
			  rpc_exchange(session, TERMINAL_START, 0, 1, &copy, 2, received),
			  PURLIN_OK))
		return;
	check_status("Terminal: start twice",
		     rpc_exchange(session, TERMINAL_START, 0, 1, &copy, 2, again), PURLIN_BUSY);
	if (check_status("Terminal: map",
			 memory_map(received[0], 0, TERMINAL_PAGES,
				    PURLIN_MAP_READ | PURLIN_MAP_WRITE, &shared),
			 PURLIN_OK))
		write_line(shared, received[1], signal);
}
