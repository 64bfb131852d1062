/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Terminal: a character stream in each direction, through two rings in shared
 * memory. The server (the UART driver, a multiplexer) owns the memory and hands
 * it out; either side may write garbage, the other only ever uses indices
 * modulo the size and bytes as bytes.
 *
 * Each ring has one producer and one consumer. Indices run freely and wrap at
 * 2^32; `head - tail` is the fill, never more than the size (a fill above it
 * is a broken peer: treat the ring as empty and set tail = head). The producer
 * writes bytes, then head with release; the consumer reads head with acquire,
 * bytes, then writes tail with release. After having written, the producer
 * notifies if the ring was empty before; the consumer notifies if it was full.
 */
#ifndef SESSION_TERMINAL_H
#define SESSION_TERMINAL_H

#include "session.h"

#define TERMINAL_OUTPUT_BYTES 0x2000 /* client to server */
#define TERMINAL_INPUT_BYTES 0x1000  /* server to client */
#define TERMINAL_PAGES 4

struct terminal_ring {
	purlin_u32 head; /* written by the producer only */
	purlin_u32 reserved0[15];
	purlin_u32 tail; /* written by the consumer only */
	purlin_u32 reserved1[15];
};

struct terminal_shared {
	struct terminal_ring output;
	struct terminal_ring input;
	purlin_u16 columns; /* written by the server; 0: unknown */
	purlin_u16 rows;
	purlin_u8 reserved[0x1000 - 0x104];
	purlin_u8 input_data[TERMINAL_INPUT_BYTES];
	purlin_u8 output_data[TERMINAL_OUTPUT_BYTES];
};
_Static_assert(sizeof(struct terminal_shared) == TERMINAL_PAGES * 0x1000, "Terminal: layout");

/*
 * Start. Capability 0: the client's signal, badged with the bit the server is
 * to notify. Reply: capability 0: the memory object (TERMINAL_PAGES pages,
 * READ and WRITE), capability 1: the signal the client notifies (with bits ~0;
 * the badge selects). BUSY: started already. BAD_CAPABILITY: no signal came.
 */
#define TERMINAL_START 1

#endif
