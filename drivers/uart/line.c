/* SPDX-License-Identifier: MIT */
/* A serial line. */
#include "line.h"
#include "log_source.h"
#include "purlin/calls.h"

/* After so many bytes of one line the other line and requests get their turn. */
#define BURST 4096
/* A chip that accepts nothing for so many polls is given up: draining must end. */
#define DRAIN_TRIES 10000000
/* The most that can be there when draining begins: the client's ring and the kernel's log. Without
 * a limit, others that keep writing to the log could make draining endless. */
#define DRAIN_MOST (TERMINAL_OUTPUT_BYTES + 0x10000)

/*
 * Each side writes its own index and then reads the other's, to decide whether to notify or to
 * sleep. If the processor reordered the two, both sides could decide to sleep.
 */
static void fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void notify(const struct line *line)
{
	purlin_signal_notify(line->client_signal, ~0ull);
}

/*
 * The next byte of the client's output. The client may write anything into the ring at any time,
 * so the head is read once, and the tail that counts is our own.
 */
static bool terminal_next(struct line *line, unsigned char *byte)
{
	struct session_ring *ring;
	purlin_u32 head, fill;

	if (!line->shared)
		return false;
	ring = &line->shared->output;
	head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
	fill = head - line->output_tail;
	if (fill > TERMINAL_OUTPUT_BYTES) {
		line->output_tail = head; /* impossible fill: drop it, as the header says */
		__atomic_store_n(&ring->tail, head, __ATOMIC_RELEASE);
		return false;
	}
	if (!fill)
		return false;
	*byte = line->shared->output_data[line->output_tail % TERMINAL_OUTPUT_BYTES];
	line->output_tail++;
	__atomic_store_n(&ring->tail, line->output_tail, __ATOMIC_RELEASE);
	fence();
	if (__atomic_load_n(&ring->head, __ATOMIC_RELAXED) - line->output_tail ==
	    TERMINAL_OUTPUT_BYTES - 1)
		notify(line); /* the ring was full, so the client may wait for room */
	return true;
}

/* Log lines go first; the log source gives only whole lines, so none begins inside another. */
static bool next_byte(struct line *line, unsigned char *byte)
{
	if (line->carries_log && log_source_next(line->fresh, byte))
		return true;
	return terminal_next(line, byte);
}

/* The transmitter is empty, so it takes a whole FIFO without another poll. False: nothing left. */
static bool send_fifo(struct line *line)
{
	for (unsigned int i = 0; i < UART_FIFO_BYTES; i++) {
		unsigned char byte;

		if (!next_byte(line, &byte))
			return false;
		uart_send(&line->uart, byte);
		line->fresh = byte == '\n';
	}
	return true;
}

/* Room in the client's input ring. */
static bool input_room(const struct line *line)
{
	purlin_u32 tail;

	if (!line->shared)
		return false;
	tail = __atomic_load_n(&line->shared->input.tail, __ATOMIC_ACQUIRE);
	return line->input_head - tail < TERMINAL_INPUT_BYTES;
}

/*
 * Move input to the client's ring; returns whether there is room left. Without room the input stays
 * in the chip, whose interrupt is then switched off until the client has read.
 */
static bool receive(struct line *line)
{
	purlin_u32 start = line->input_head;
	unsigned char byte;

	while (input_room(line) && uart_receive(&line->uart, &byte)) {
		line->shared->input_data[line->input_head % TERMINAL_INPUT_BYTES] = byte;
		line->input_head++;
	}
	if (line->input_head == start)
		return input_room(line);
	__atomic_store_n(&line->shared->input.head, line->input_head, __ATOMIC_RELEASE);
	fence();
	if (__atomic_load_n(&line->shared->input.tail, __ATOMIC_RELAXED) == start)
		notify(line); /* the ring was empty, so the client may wait for input */
	return input_room(line);
}

/* There is no chip: what the client writes goes nowhere, so that it need not wait. */
static bool discard(struct line *line)
{
	unsigned char byte;

	for (unsigned int i = 0; i < BURST; i++)
		if (!terminal_next(line, &byte))
			return false;
	return true;
}

bool line_work(struct line *line)
{
	bool more = true, room;

	if (!line->present)
		return discard(line);
	/*
	 * The interrupt is an edge, which comes only after the chip has reported nothing pending.
	 * So read until that is so; without room, the interrupt is switched off below instead.
	 */
	do {
		room = receive(line);
	} while (uart_pending(&line->uart) && room);
	for (unsigned int sent = 0; more && sent < BURST; sent += UART_FIFO_BYTES) {
		if (!uart_can_send(&line->uart))
			break;
		more = send_fifo(line);
	}
	uart_interrupts(&line->uart, room, more);
	return more && uart_can_send(&line->uart);
}

void line_drain(struct line *line)
{
	unsigned int tries = 0, sent = 0;

	while (line->present && tries < DRAIN_TRIES && sent < DRAIN_MOST) {
		if (!uart_can_send(&line->uart)) {
			tries++;
			continue;
		}
		tries = 0;
		if (!send_fifo(line))
			return;
		sent += UART_FIFO_BYTES;
	}
}
