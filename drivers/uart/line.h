/* SPDX-License-Identifier: MIT */
/* A serial line: its chip, its client if it has one, and what is to be sent next. */
#ifndef UART_LINE_H
#define UART_LINE_H

#include "session/terminal.h"
#include "uart.h"

struct line {
	struct uart uart;
	purlin_u64 irq;
	bool present;
	bool carries_log;
	bool fresh; /* the last byte sent ended a line */
	/* The client, if badge is not 0. */
	purlin_u64 badge;
	purlin_u64 endpoint; /* slot of the client's capability */
	purlin_u64 memory;
	struct terminal_shared *shared; /* NULL before TERMINAL_START */
	purlin_u64 client_signal;
	/* The indices this side writes: those in shared memory are for the client only. */
	purlin_u32 output_tail;
	purlin_u32 input_head;
};

/* Move what can be moved in both directions. True: more is to be sent at once. */
bool line_work(struct line *line);
/* Send everything that is there, and wait for the chip where necessary. */
void line_drain(struct line *line);

#endif
