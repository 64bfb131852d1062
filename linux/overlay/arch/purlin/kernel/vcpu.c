// SPDX-License-Identifier: GPL-2.0
/* The virtual processor: its state pages and how the microkernel enters Linux. */
#include <linux/init.h>
#include <linux/printk.h>
#include <asm/page.h>
#include <asm/sections.h>
#include <asm/entry.h>
#include <asm/vcpu.h>
#include <purlin/boot.h>
#include <purlin/calls.h>

DEFINE_PER_CPU_PAGE_ALIGNED(struct purlin_vcpu_state, purlin_state) = {
	.deadline = ~0ULL,
	.armed = ~0ULL,	/* nothing: the first deadline is earlier */
	.critical_start = (unsigned long)__entry_text_start,
	.critical_end = (unsigned long)__entry_text_end,
};

/*
 * The boot processor's, whose slot is known without the device tree. Others have their slot in the
 * "purlin,vcpu" of their cpu node, and configure themselves with the same entry points: the state
 * pages are found through each one's own per-CPU base.
 */
void __init vcpu_setup(void)
{
	purlin_s64 status;

	status = purlin_vcpu_configure(PURLIN_SLOT_THREAD, __pa_symbol(vcpu_state()),
				       (unsigned long)entry_syscall,
				       (unsigned long)entry_event, 0);
	/* Without the state pages there is no way to say anything. */
	while (status)
		purlin_thread_exit(status);
}
