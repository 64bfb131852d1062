/* SPDX-License-Identifier: MIT */
/* Registers that no C code names: filled in one protection domain, looked for in another. */
#ifndef GUEST_TEST_CROSSING_H
#define GUEST_TEST_CROSSING_H

#include "purlin/types.h"

struct crossing {
	purlin_u32 environment[7]; /* as FNSTENV has it: [3] last instruction, [5] its operand */
	purlin_u32 selectors;	   /* of DS, ES, FS, GS, or-ed */
	purlin_u32 mxcsr;
	purlin_u64 xmm;
};
#define CROSSING_INSTRUCTION 3
#define CROSSING_OPERAND 5

/* Leave a trace in each of them: `operand` is the last thing the x87 stores to. */
static inline void crossing_fill(double *operand)
{
	const purlin_u32 selector = 0x2b;
	const purlin_u32 mxcsr = 0x7fbf;
	const purlin_u64 pattern = 0x1234567812345678;

	__asm__ volatile("fninit; fld1; fstpl %0\n\t"
			 "ldmxcsr %2; movq %3, %%xmm7\n\t"
			 "movl %1, %%ds; movl %1, %%es; movl %1, %%fs; movl %1, %%gs"
			 : "=m"(*operand)
			 : "r"(selector), "m"(mxcsr), "m"(pattern));
}

/* What is there; then all is as a program expects it. */
static inline void crossing_look(struct crossing *seen)
{
	purlin_u32 ds, es, fs, gs, mxcsr = 0x1f80;

	__asm__ volatile("fnstenv %0; fninit" : "=m"(seen->environment));
	__asm__ volatile("stmxcsr %0; movq %%xmm7, %1; ldmxcsr %2"
			 : "=m"(seen->mxcsr), "=m"(seen->xmm)
			 : "m"(mxcsr));
	__asm__ volatile("movl %%ds, %0; movl %%es, %1; movl %%fs, %2; movl %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	seen->selectors = ds | es | fs | gs;
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%fs; movl %0, %%gs" : : "r"(0));
}

#endif
