/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Terminal: a character stream in each direction, through two rings (session/ring.h) in shared
 * memory. The server (the UART driver, a multiplexer) owns the memory and hands it out.
 */
#ifndef SESSION_TERMINAL_H
#define SESSION_TERMINAL_H

#include "ring.h"
#include "session.h"

#define TERMINAL_OUTPUT_BYTES 0x2000 /* client to server */
#define TERMINAL_INPUT_BYTES 0x1000  /* server to client */
#define TERMINAL_PAGES 4

struct terminal_shared {
	struct session_ring output;
	struct session_ring input;
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
 * the badge selects). BUSY: started already. BAD_CAPABILITY: no signal came. NO_RIGHT: a signal
 * without WRITE.
 */
#define TERMINAL_START 1

#endif
