/* SPDX-License-Identifier: MIT */
/* One 16550 UART (PC16550D data sheet). */
#ifndef UART_UART_H
#define UART_UART_H

#include <stdbool.h>

#include "purlin/types.h"

#define UART_FIFO_BYTES 16

struct uart {
	purlin_u64 ports; /* slot of the port range */
	purlin_u64 base;
	unsigned char interrupts; /* what the interrupt enable register holds */
};

/* False: there is no such chip. */
bool uart_start(struct uart *uart);
/* Whether the transmitter takes UART_FIFO_BYTES more. */
bool uart_can_send(const struct uart *uart);
void uart_send(const struct uart *uart, unsigned char byte);
bool uart_receive(const struct uart *uart, unsigned char *byte);
/* Choose when the chip interrupts: input is there, the transmitter is empty. */
void uart_interrupts(struct uart *uart, bool input, bool output);
/*
 * Clear one event that the chip reports. To be called until it returns false, so that the next
 * event makes a new edge.
 */
bool uart_pending(const struct uart *uart);

#endif
