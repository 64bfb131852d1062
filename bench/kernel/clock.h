/* SPDX-License-Identifier: MIT */
/*
 * The real-time clock (Motorola MC146818): an index and a data port, an edge-triggered line. It is
 * the device whose interrupts are measured. `ports` is the slot of its ports.
 */
#ifndef KERNEL_BENCH_CLOCK_H
#define KERNEL_BENCH_CLOCK_H

#include <stdbool.h>

#include "purlin/calls.h"

#define CLOCK_PORT 0x70
#define CLOCK_LINE 8
#define CLOCK_REGISTER_A 0xa
#define CLOCK_REGISTER_B 0xb
#define CLOCK_REGISTER_C 0xc
#define CLOCK_A_122_US 0x23
#define CLOCK_B_24_HOURS 0x02
#define CLOCK_B_PERIODIC 0x40

static inline purlin_s64 clock_write(purlin_u64 ports, purlin_u64 number, purlin_u64 value)
{
	purlin_s64 status = purlin_io_port_out(ports, CLOCK_PORT, 1, number);

	return status ? status : purlin_io_port_out(ports, CLOCK_PORT + 1, 1, value);
}

/* An interrupt each 122 microseconds from now on, as long as they are acknowledged; or none. */
static inline purlin_s64 clock_tick(purlin_u64 ports, bool on)
{
	purlin_s64 status = clock_write(ports, CLOCK_REGISTER_A, CLOCK_A_122_US);

	return status ? status :
			clock_write(ports, CLOCK_REGISTER_B,
				    CLOCK_B_24_HOURS | (on ? CLOCK_B_PERIODIC : 0));
}

/* Reading register C clears it: then the next interrupt can come. */
static inline purlin_s64 clock_ack(purlin_u64 ports)
{
	purlin_s64 status = purlin_io_port_out(ports, CLOCK_PORT, 1, CLOCK_REGISTER_C);
	purlin_u64 value;

	return status ? status : purlin_io_port_in(ports, CLOCK_PORT + 1, 1, &value);
}

#endif
