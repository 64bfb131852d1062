/* SPDX-License-Identifier: MIT */
/* One 16550 UART. */
#include "purlin/calls.h"
#include "uart.h"

#define DATA 0		   /* with divisor latch access: divisor, low byte */
#define INTERRUPT_ENABLE 1 /* ...: divisor, high byte */
#define INTERRUPT_ID 2
#define FIFO_CONTROL 2
#define LINE_CONTROL 3
#define MODEM_CONTROL 4
#define LINE_STATUS 5
#define MODEM_STATUS 6
#define SCRATCH 7

#define ENABLE_INPUT 0x01
#define ENABLE_OUTPUT 0x02
#define NOTHING_PENDING 0x01
#define FIFO_ON_AND_CLEAR 0x07
#define EIGHT_BITS 0x03
#define DIVISOR_ACCESS 0x80
#define READY_AND_INTERRUPTS 0x0b /* DTR, RTS, OUT2: the line to the interrupt controller */
#define INPUT_THERE 0x01
#define OUTPUT_EMPTY 0x20
#define DIVISOR_115200 1

static unsigned char get(const struct uart *uart, unsigned int index)
{
	purlin_u64 value = 0xff;

	purlin_io_port_in(uart->ports, uart->base + index, 1, &value);
	return (unsigned char)value;
}

static void set(const struct uart *uart, unsigned int index, unsigned char value)
{
	purlin_io_port_out(uart->ports, uart->base + index, 1, value);
}

/* Without a chip reads give all ones, so the scratch register shows whether there is one. */
bool uart_start(struct uart *uart)
{
	set(uart, SCRATCH, 0x5a);
	if (get(uart, SCRATCH) != 0x5a)
		return false;
	set(uart, INTERRUPT_ENABLE, 0);
	set(uart, LINE_CONTROL, DIVISOR_ACCESS | EIGHT_BITS);
	set(uart, DATA, DIVISOR_115200);
	set(uart, INTERRUPT_ENABLE, 0);
	set(uart, LINE_CONTROL, EIGHT_BITS);
	set(uart, FIFO_CONTROL, FIFO_ON_AND_CLEAR);
	set(uart, MODEM_CONTROL, READY_AND_INTERRUPTS);
	uart->interrupts = 0;
	return true;
}

bool uart_can_send(const struct uart *uart)
{
	return get(uart, LINE_STATUS) & OUTPUT_EMPTY;
}

void uart_send(const struct uart *uart, unsigned char byte)
{
	set(uart, DATA, byte);
}

bool uart_receive(const struct uart *uart, unsigned char *byte)
{
	if (!(get(uart, LINE_STATUS) & INPUT_THERE))
		return false;
	*byte = get(uart, DATA);
	return true;
}

void uart_interrupts(struct uart *uart, bool input, bool output)
{
	unsigned char wanted =
		(unsigned char)((input ? ENABLE_INPUT : 0) | (output ? ENABLE_OUTPUT : 0));

	if (wanted == uart->interrupts)
		return;
	uart->interrupts = wanted;
	set(uart, INTERRUPT_ENABLE, wanted);
}

bool uart_pending(const struct uart *uart)
{
	if (get(uart, INTERRUPT_ID) & NOTHING_PENDING)
		return false;
	/* Reading these clears their interrupts; nothing they say is used. */
	get(uart, LINE_STATUS);
	get(uart, MODEM_STATUS);
	return true;
}
