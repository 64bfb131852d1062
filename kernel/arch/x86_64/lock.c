// SPDX-License-Identifier: MIT
/*
 * The kernel lock: whoever finds it free has it. First come, first served would be fairer, and is
 * many times slower where processors are themselves scheduled (a virtual machine, an
 * emulator): each turn would wait until the next in line happens to run.
 */
#include "core/lock.h"

#include "arch/instructions.h"
#include "arch/machine.h"
#include "debug/console.h"
#include "debug/log.h"

static uint32_t held;

static bool try_lock(void)
{
	return !__atomic_exchange_n(&held, 1, __ATOMIC_ACQUIRE);
}

void kernel_lock(void)
{
	while (!try_lock()) {
		/* Reading only: the line stays with the holder until it is done. */
		while (__atomic_load_n(&held, __ATOMIC_RELAXED)) {
			/* Who holds the lock may wait for us: for a shoot-down, or for our end. */
			tlb_answer();
			if (panicking)
				arch_halt();
			cpu_pause();
		}
	}
}

void kernel_unlock(void)
{
	__atomic_store_n(&held, 0, __ATOMIC_RELEASE);
}
