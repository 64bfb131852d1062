// SPDX-License-Identifier: MIT
/* The kernel lock: first come, first served. */
#include "core/lock.h"

#include "arch/instructions.h"
#include "arch/machine.h"
#include "debug/console.h"
#include "debug/log.h"

static uint32_t next_ticket, now_served;

void kernel_lock(void)
{
	uint32_t ticket = __atomic_fetch_add(&next_ticket, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&now_served, __ATOMIC_ACQUIRE) != ticket) {
		/* Who holds the lock may wait for us: for a shoot-down, or for our end. */
		tlb_answer();
		if (panicking)
			arch_halt();
		cpu_pause();
	}
}

void kernel_unlock(void)
{
	__atomic_store_n(&now_served, now_served + 1, __ATOMIC_RELEASE);
}
