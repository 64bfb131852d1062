// SPDX-License-Identifier: MIT
/* Waiting for the kernel lock. */
#include "base/lock.h"

#include "arch/instructions.h"
#include "arch/machine.h"
#include "debug/console.h"
#include "debug/log.h"

uint32_t kernel_lock_held;
uint32_t kernel_lock_waiters;

void kernel_lock_wait(void)
{
	/* The holder sees that somebody waits, and ends its round (arch_preemption_pending). */
	__atomic_add_fetch(&kernel_lock_waiters, 1, __ATOMIC_RELAXED);
	do {
		/* Reading only: the line stays with the holder until it is done. */
		while (__atomic_load_n(&kernel_lock_held, __ATOMIC_RELAXED)) {
			/* Who holds the lock may wait for us: for a shoot-down, or for our end. */
			tlb_answer();
			if (panicking)
				arch_halt();
			cpu_pause();
		}
	} while (!kernel_lock_try());
	__atomic_sub_fetch(&kernel_lock_waiters, 1, __ATOMIC_RELAXED);
}
