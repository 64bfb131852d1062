/* SPDX-License-Identifier: MIT */
/* A client of Terminal. Its server may write anything into the rings at any time. */
#include "terminal.h"

#include "purlin/calls.h"
#include "runtime/device_link.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/terminal.h"

static struct terminal_shared *shared; /* NULL: there is no server */
static purlin_u64 session, memory, server_signal, own_signal;
static const char *terminal_label;
/* Ours; what stands in the rings is for the server. */
static purlin_u32 output_head, input_tail;

/* Each side writes its index and then reads the other's: both must not decide to sleep. */
static void fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void forget(void)
{
	if (shared)
		memory_unmap(shared);
	slot_delete(memory);
	slot_delete(server_signal);
	slot_delete(session);
	shared = NULL;
	memory = server_signal = session = 0;
}

static purlin_s64 start(void)
{
	purlin_u64 news, received[2] = { 0, 0 };
	void *mapped;
	purlin_s64 status = slot_copy(own_signal, PURLIN_RIGHT_WRITE, TERMINAL_NEWS, &news);

	if (status)
		return status;
	status = rpc_exchange(session, TERMINAL_START, 0, 1, &news, 2, received);
	slot_delete(news);
	if (status)
		return status;
	memory = received[0];
	server_signal = received[1];
	status = memory_map(memory, 0, TERMINAL_PAGES, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &mapped);
	if (status)
		return status;
	shared = mapped;
	output_head = input_tail = 0;
	return PURLIN_OK;
}

static purlin_s64 open(void)
{
	purlin_s64 status;

	forget();
	status = session_open("Terminal", terminal_label, &session);
	if (!status)
		status = start();
	if (status)
		forget();
	return status;
}

purlin_s64 terminal_open(const char *label, purlin_u64 signal)
{
	purlin_s64 status = device_links_watch(signal, TERMINAL_ENDED);

	terminal_label = label;
	own_signal = signal;
	return status ? status : open();
}

void terminal_again(void)
{
	/* Not there: then it does not come back, or the next end is told again. */
	(void)open();
}

uint32_t terminal_room(void)
{
	purlin_u32 fill;

	if (!shared)
		return TERMINAL_OUTPUT_BYTES;
	fill = output_head - __atomic_load_n(&shared->output.tail, __ATOMIC_ACQUIRE);
	return fill < TERMINAL_OUTPUT_BYTES ? TERMINAL_OUTPUT_BYTES - fill : 0;
}

void terminal_write(const uint8_t *from, uint32_t bytes)
{
	purlin_u32 before = output_head;

	if (!shared || !bytes)
		return;
	for (uint32_t i = 0; i < bytes; i++)
		shared->output_data[output_head++ % TERMINAL_OUTPUT_BYTES] = from[i];
	__atomic_store_n(&shared->output.head, output_head, __ATOMIC_RELEASE);
	fence();
	/* The ring was empty, so the server may wait for output. */
	if (__atomic_load_n(&shared->output.tail, __ATOMIC_RELAXED) == before)
		purlin_signal_notify(server_signal, ~0ull);
}

bool terminal_read(uint8_t *byte)
{
	purlin_u32 head, fill;

	if (!shared)
		return false;
	head = __atomic_load_n(&shared->input.head, __ATOMIC_ACQUIRE);
	fill = head - input_tail;
	if (fill && fill <= TERMINAL_INPUT_BYTES)
		*byte = shared->input_data[input_tail++ % TERMINAL_INPUT_BYTES];
	else
		input_tail = head; /* an impossible fill: dropped, as the header says */
	__atomic_store_n(&shared->input.tail, input_tail, __ATOMIC_RELEASE);
	fence();
	/* The ring was full, so the server may wait for room. */
	if (__atomic_load_n(&shared->input.head, __ATOMIC_RELAXED) - input_tail ==
	    TERMINAL_INPUT_BYTES - 1)
		purlin_signal_notify(server_signal, ~0ull);
	return fill && fill <= TERMINAL_INPUT_BYTES;
}
