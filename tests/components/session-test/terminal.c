/* SPDX-License-Identifier: MIT */
/* Terminal. */
#include <string.h>

#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/terminal.h"
#include "tests.h"

/* Who found the ring full sleeps until it is told that there is room. */
static void fill_ring(struct terminal_shared *shared, purlin_u64 server, purlin_u64 signal)
{
	purlin_u64 bits = 0;

	memset(shared->output_data, '\r', TERMINAL_OUTPUT_BYTES);
	__atomic_store_n(&shared->output.head, shared->output.tail + TERMINAL_OUTPUT_BYTES,
			 __ATOMIC_RELEASE);
	purlin_signal_notify(server, ~0ull);
	check_status("Terminal: a full ring", purlin_signal_wait(signal, &bits), PURLIN_OK);
	check_equal("Terminal: there is room again", bits, 1);
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
	check_true("Terminal: size unknown", !shared->columns && !shared->rows);
	/* Garbage: a fill beyond the size is to be taken for an empty ring. */
	__atomic_store_n(&shared->output.head, 0x80000000u, __ATOMIC_RELEASE);
	purlin_signal_notify(server, ~0ull);
	while (__atomic_load_n(&shared->output.tail, __ATOMIC_ACQUIRE) != 0x80000000u)
		purlin_thread_yield();
	check_true("Terminal: garbage survived", purlin_signal_poll(signal, &bits));
	fill_ring(shared, server, signal);
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
	check_status("Terminal: start with what is no signal",
		     rpc_send(session, TERMINAL_START, 0, session), PURLIN_BAD_CAPABILITY);
	slot_copy(signal, PURLIN_RIGHT_READ, 1, &copy);
	check_status("Terminal: start with a signal it may not set",
		     rpc_send(session, TERMINAL_START, 0, copy), PURLIN_NO_RIGHT);
	slot_delete(copy);
	slot_copy(signal, PURLIN_RIGHT_WRITE, 1, &copy);
	if (!check_status("Terminal: start",
			  rpc_exchange(session, TERMINAL_START, 0, 1, &copy, 2, received),
			  PURLIN_OK))
		return;
	check_status("Terminal: start twice",
		     rpc_exchange(session, TERMINAL_START, 0, 1, &copy, 2, again), PURLIN_BUSY);
	check_rights("Terminal: rights", received[0], PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE);
	check_rights("Terminal: rights of the signal", received[1], PURLIN_RIGHT_WRITE);
	if (check_status("Terminal: map",
			 memory_map(received[0], 0, TERMINAL_PAGES,
				    PURLIN_MAP_READ | PURLIN_MAP_WRITE, &shared),
			 PURLIN_OK))
		write_line(shared, received[1], signal);
}
