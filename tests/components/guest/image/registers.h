/* SPDX-License-Identifier: MIT */
/* General registers before and after a way through the kernel (registers-entry.S). */
#ifndef GUEST_IMAGE_REGISTERS_H
#define GUEST_IMAGE_REGISTERS_H

#include "purlin/types.h"

/* Order of registers_before and registers_after. */
enum {
	AT_RAX,
	AT_RBX,
	AT_RCX,
	AT_RDX,
	AT_RSI,
	AT_RDI,
	AT_RBP,
	AT_R8,
	AT_R9,
	AT_R10,
	AT_R11,
	AT_R12,
	AT_R13,
	AT_R14,
	AT_R15,
	AT_ALL
};
extern purlin_u64 registers_before[AT_ALL], registers_after[AT_ALL];

/* An exception in guest kernel mode, whose handler goes on behind it. */
void registers_fault(void);
extern const char registers_fault_instruction[], registers_fault_end[];
/* A call. */
void registers_call(void);
extern const char registers_call_end[];

#define NO_SUCH_CALL 9999
#define FLAGS_FIXED 0x202ull
#define FLAGS_ARITHMETIC 0x8d5ull

static inline purlin_u64 register_pattern(unsigned int index)
{
	return 0x1111111111111111ull * (index + 1);
}

static inline void registers_fill(void)
{
	for (unsigned int i = 0; i < AT_ALL; i++)
		registers_before[i] = register_pattern(i);
}

/* A bit for each register that is not as it was, but those that `may` name. */
static inline purlin_u64 registers_changed(purlin_u64 may)
{
	purlin_u64 changed = 0;

	for (unsigned int i = 0; i < AT_ALL; i++)
		changed |= (purlin_u64)(registers_after[i] != registers_before[i]) << i;
	return changed & ~may;
}

/* SYSRET leaves RIP in RCX and the flags in R11, and nothing else of anybody. */
static inline purlin_u64 sysret_leftover(const char *rip)
{
	return (purlin_u64)(registers_after[AT_RCX] != (purlin_u64)rip) << AT_RCX |
	       (purlin_u64)((registers_after[AT_R11] & ~FLAGS_ARITHMETIC) != FLAGS_FIXED) << AT_R11;
}

#endif
