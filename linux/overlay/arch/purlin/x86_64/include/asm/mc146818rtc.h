/* SPDX-License-Identifier: GPL-2.0 */
/* The clock chip's registers by its two ports; both are granted or neither. */
#ifndef _ASM_PURLIN_MC146818RTC_H
#define _ASM_PURLIN_MC146818RTC_H

#include <linux/io.h>

#define RTC_PORT(x)	(0x70 + (x))
#define RTC_IRQ		8
/* The chip says in a register whether it counts in binary. */
#define RTC_ALWAYS_BCD	0

/* Callers hold rtc_lock. */
static inline unsigned char purlin_cmos_read(unsigned char address)
{
	outb(address, RTC_PORT(0));
	return inb(RTC_PORT(1));
}

static inline void purlin_cmos_write(unsigned char value, unsigned char address)
{
	outb(address, RTC_PORT(0));
	outb(value, RTC_PORT(1));
}

#define CMOS_READ(address)		purlin_cmos_read(address)
#define CMOS_WRITE(value, address)	purlin_cmos_write(value, address)

#endif
