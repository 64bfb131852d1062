// SPDX-License-Identifier: GPL-2.0
/* The virtual processor: its state pages and how the microkernel enters Linux. */
#include <linux/init.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <asm/batch.h>
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

DEFINE_PER_CPU(bool, vcpu_idles);
EXPORT_PER_CPU_SYMBOL_GPL(vcpu_idles);

EXPORT_PER_CPU_SYMBOL(purlin_state);

static long configure(unsigned int slot, unsigned long state, unsigned long base)
{
	return purlin_vcpu_configure(slot, state, (unsigned long)entry_syscall,
				     (unsigned long)entry_event, base);
}

/* The boot processor's, whose slot is known without the device tree. */
void __init vcpu_setup(void)
{
	long status = configure(PURLIN_SLOT_THREAD, __pa_symbol(&purlin_state), 0);

	/* Without the state pages there is no way to say anything. */
	while (status)
		purlin_thread_exit(status);
}

#ifdef CONFIG_SMP
/*
 * The area is a copy of what was used so far. Nothing may come between: events are disabled, and
 * what is touched here is mapped.
 */
void __init vcpu_move(unsigned long base)
{
	long status;

	asm volatile("wrgsbase %0" : : "r" (base) : "memory");
	status = configure(PURLIN_SLOT_THREAD, __pa(&per_cpu(purlin_state, 0)), base);
	if (status)
		panic("no state pages in the per-CPU area: %ld", status);
}

/* The area was copied from the boot processor's, which had been at work already. */
long vcpu_configure(unsigned int slot, unsigned int cpu)
{
	struct purlin_vcpu_state *state = &per_cpu(purlin_state, cpu);

	memset(&per_cpu(vcpu_batch, cpu), 0, sizeof(struct batch));
	state->events_enabled = 0;
	state->events_pending = 0;
	state->alert_masked = 0;
	state->batch_count = 0;
	state->pending_words = 0;
	memset(state->pending, 0, sizeof(state->pending));
	state->deadline = ~0ULL;
	state->armed = ~0ULL;
	state->number = cpu;
	return configure(slot, __pa(state), per_cpu_offset(cpu));
}
#endif
