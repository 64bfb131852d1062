// SPDX-License-Identifier: GPL-2.0
/* Short delays, counted by the TSC. */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/timex.h>
#include <asm/processor.h>
#include <asm/time.h>
#include <asm/timex.h>

void __delay(unsigned long cycles)
{
	u64 start = purlin_tsc();

	while (purlin_tsc() - start < cycles)
		cpu_relax();
}
EXPORT_SYMBOL(__delay);

/* In units of 2^-32 s. */
inline void __const_udelay(unsigned long units)
{
	__delay(mul_u64_u64_shr(units, purlin_tsc_hz, 32) + 1);
}
EXPORT_SYMBOL(__const_udelay);

void __udelay(unsigned long usecs)
{
	__const_udelay(usecs * 0x10c7); /* 2^32 / 10^6 */
}
EXPORT_SYMBOL(__udelay);

void __ndelay(unsigned long nsecs)
{
	__const_udelay(nsecs * 0x5); /* 2^32 / 10^9 */
}
EXPORT_SYMBOL(__ndelay);
