/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for a word that another vCPU writes (kernel/waiting.c). */
#ifndef _ASM_PURLIN_WAITING_H
#define _ASM_PURLIN_WAITING_H

#if defined(CONFIG_SMP) && !defined(BUILD_VDSO)
/* Some 10 us: longer than a lock is held by a vCPU that runs. */
#define SPINS_BEFORE_YIELD	1024

void vcpu_yield_to_others(void);

#define smp_cond_load_relaxed(ptr, condition) ({			\
	typeof(ptr) __PTR = (ptr);					\
	__unqual_scalar_typeof(*ptr) VAL;				\
	unsigned int __spins = 0;					\
									\
	for (;;) {							\
		VAL = READ_ONCE(*__PTR);				\
		if (condition)						\
			break;						\
		cpu_relax();						\
		if (unlikely(++__spins % SPINS_BEFORE_YIELD == 0))	\
			vcpu_yield_to_others();				\
	}								\
	(typeof(*ptr))VAL;						\
})
#endif

#endif
