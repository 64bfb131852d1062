/* SPDX-License-Identifier: MIT */
/* Random numbers of the processor: RDRAND. */
#include "init/arch.h"

bool arch_random(purlin_u64 *value)
{
	unsigned int a = 1, b, c = 0, d;
	unsigned char ok;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(c & 1u << 30)) /* RDRAND, Intel SDM, volume 2, CPUID leaf 1 */
		return false;
	__asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(ok) : : "cc");
	return ok;
}
