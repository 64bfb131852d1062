// SPDX-License-Identifier: MIT
/* I/O ports for user level, those the kernel keeps, and the reset. */
#include "arch/checks.h"
#include "arch/instructions.h"
#include "base/arch.h"
#include "debug/console.h"
#include "debug/log.h"

static const struct {
	uint16_t first, last;
} reserved[] = {
	{ 0x20, 0x21 },
	{ 0xa0, 0xa1 },	  /* interrupt controllers */
	{ 0x40, 0x43 },	  /* timer */
	{ 0x4d0, 0x4d1 }, /* triggers of the interrupt controllers */
};

#define UART_FIRST 0x3f8
#define UART_LAST 0x3ff

static bool meets(uint32_t first, uint32_t count, uint32_t low, uint32_t high)
{
	return first <= high && first + count > low;
}

bool arch_port_reserved(uint16_t first, uint32_t count)
{
	for (unsigned int i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (meets(first, count, reserved[i].first, reserved[i].last))
			return true;
	return !log_uart_owned() && meets(first, count, UART_FIRST, UART_LAST);
}

uint32_t arch_port_in(uint16_t port, unsigned int size)
{
	uint32_t value = 0;

	/* volatile, memory: devices change state by being read. */
	if (size == 1)
		return port_in8(port);
	if (size == 2)
		__asm__ volatile("inw %1, %w0" : "+a"(value) : "Nd"(port) : "memory");
	else
		__asm__ volatile("inl %1, %0" : "+a"(value) : "Nd"(port) : "memory");
	return value;
}

void arch_port_out(uint16_t port, unsigned int size, uint32_t value)
{
	if (size == 1)
		port_out8(port, (uint8_t)value);
	else if (size == 2)
		__asm__ volatile("outw %w0, %1" : : "a"(value), "Nd"(port) : "memory");
	else
		__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

void arch_system_reset(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_table;

	checks_report();
	/* Reset control register, keyboard controller, then a fault that no table handles. */
	port_out8(0xcf9, 0x02);
	port_out8(0xcf9, 0x06);
	port_out8(0x64, 0xfe);
	__asm__ volatile("lidt %0; int3" : : "m"(no_table));
	arch_halt();
}
