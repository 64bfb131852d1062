// SPDX-License-Identifier: MIT
/* The debug UART: a 16550 at COM1, 115200 8N1, polled; and the emulators' debug port. */
#include "arch/instructions.h"
#include "debug/console.h"

#define COM1 0x3f8
#define DATA 0
#define INTERRUPTS 1
#define FIFO 2
#define LINE 3
#define MODEM 4
#define STATUS 5
#define SCRATCH 7
#define STATUS_EMPTY 0x20
#define DEBUGCON 0xe9
#define PATIENCE 100000 /* polls; a character takes 87 us */

static bool present;

void arch_console_init(void)
{
	port_out8(COM1 + SCRATCH, 0x5a);
	present = port_in8(COM1 + SCRATCH) == 0x5a;
	port_out8(COM1 + INTERRUPTS, 0);
	port_out8(COM1 + LINE, 0x80); /* divisor: 1 */
	port_out8(COM1 + DATA, 1);
	port_out8(COM1 + INTERRUPTS, 0);
	port_out8(COM1 + LINE, 0x03);
	port_out8(COM1 + FIFO, 0x07);
	port_out8(COM1 + MODEM, 0x03);
}

/* Nobody there takes everything. */
bool arch_console_ready(void)
{
	return !present || port_in8(COM1 + STATUS) & STATUS_EMPTY;
}

void arch_console_put(char character)
{
	if (present)
		port_out8(COM1 + DATA, (uint8_t)character);
}

static void put(char character)
{
	for (unsigned int i = 0; i < PATIENCE; i++)
		if (port_in8(COM1 + STATUS) & STATUS_EMPTY)
			break;
	port_out8(COM1 + DATA, (uint8_t)character);
}

void arch_console_write(char character)
{
	if (!present)
		return;
	if (character == '\n')
		put('\r');
	put(character);
}

void arch_debugcon_write(char character)
{
	port_out8(DEBUGCON, (uint8_t)character);
}
