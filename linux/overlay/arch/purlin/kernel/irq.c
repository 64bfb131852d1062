// SPDX-License-Identifier: GPL-2.0
/*
 * Events of the microkernel as interrupts. The root domain has one hardware number for
 * each event: 0 the timer, 1..15 given out by init in the device tree, the rest for
 * interrupts Linux binds itself (docs/guest-device-tree.md).
 *
 * Each vCPU has pending words of its own, and a number means the same on all. An interrupt comes to
 * the vCPU whose signal its source is bound to. Those that init binds stay with the boot processor,
 * as their chip has no irq_set_affinity. The timer's event is each vCPU's own, and so are those by
 * which vCPUs call each other (kernel/smp.c).
 */
#include <linux/bitops.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/kernel_stat.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <asm/irq.h>
#include <asm/irq_regs.h>
#include <asm/served.h>
#include <asm/smp.h>
#include <asm/time.h>
#include <asm/vcpu.h>

#define EVENTS		(64 * PURLIN_EVENT_WORDS)

#ifndef PURLIN_TREE_HAS_DEFAULT_DOMAIN
#define irq_set_default_domain irq_set_default_host
#endif

static struct irq_domain *event_domain;
static DECLARE_BITMAP(event_used, EVENTS);
static DEFINE_SPINLOCK(event_lock);
/* Interrupts of other domains that stand for an event; 0: the event has its own, or none. */
static unsigned int stands_for[EVENTS];

/*
 * Nothing stands between a signal's bits and pending[]: a masked event that comes is
 * remembered by the flow handler and sent again when unmasked.
 */
static void event_noop(struct irq_data *data)
{
}

static struct irq_chip event_chip = {
	.name = "purlin",
	.irq_ack = event_noop,
	.irq_mask = event_noop,
	.irq_unmask = event_noop,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

static int event_map(struct irq_domain *domain, unsigned int irq, irq_hw_number_t event)
{
	irq_set_chip_and_handler(irq, &event_chip, handle_edge_irq);
	irq_data_update_effective_affinity(irq_get_irq_data(irq), cpumask_of(0));
	return 0;
}

static const struct irq_domain_ops event_domain_ops = {
	.map = event_map,
};

unsigned int purlin_event_irq(unsigned int event)
{
	if (event == PURLIN_EVENT_TIMER || event >= EVENTS)
		return 0;
	return irq_create_mapping(event_domain, event);
}
EXPORT_SYMBOL_GPL(purlin_event_irq);

int purlin_event_alloc(void)
{
	unsigned long flags;
	unsigned int event;

	spin_lock_irqsave(&event_lock, flags);
	event = find_next_zero_bit(event_used, PURLIN_EVENT_SERVED, PURLIN_EVENT_FREE);
	if (event < PURLIN_EVENT_SERVED)
		__set_bit(event, event_used);
	spin_unlock_irqrestore(&event_lock, flags);
	return event < PURLIN_EVENT_SERVED ? event : -ENOSPC;
}
EXPORT_SYMBOL_GPL(purlin_event_alloc);

void purlin_event_free(unsigned int event)
{
	unsigned long flags;

	irq_dispose_mapping(irq_find_mapping(event_domain, event));
	spin_lock_irqsave(&event_lock, flags);
	__clear_bit(event, event_used);
	spin_unlock_irqrestore(&event_lock, flags);
}
EXPORT_SYMBOL_GPL(purlin_event_free);

void purlin_event_pass_to(unsigned int event, unsigned int irq)
{
	WRITE_ONCE(stands_for[event], irq);
}
EXPORT_SYMBOL_GPL(purlin_event_pass_to);

static void handle_event(unsigned int event)
{
	unsigned int irq = READ_ONCE(stands_for[event]);

	if (irq)
		generic_handle_irq(irq);
	else
		generic_handle_domain_irq(event_domain, event);
}

static void handle_word(unsigned int word, u64 bits)
{
	if (word == 0 && (bits & BIT_ULL(PURLIN_EVENT_TIMER))) {
		bits &= ~BIT_ULL(PURLIN_EVENT_TIMER);
		purlin_timer_event();
	}
	if (word == 0)
		bits = smp_handle_ipis(bits);
	while (bits) {
		unsigned int bit = __ffs64(bits);

		bits &= bits - 1;
		handle_event(word * 64 + bit);
	}
}

static void handle_pending(struct purlin_vcpu_state *vcpu)
{
	unsigned long words;

	/* In this order (vcpu.h): what is set later sets events_pending again. */
	WRITE_ONCE(vcpu->events_pending, 0);
	words = xchg(&vcpu->pending_words, 0);
	words &= BIT(PURLIN_EVENT_WORDS) - 1;
	while (words) {
		unsigned int word = __ffs(words);

		words &= words - 1;
		handle_word(word, xchg(&vcpu->pending[word], 0));
	}
}

/* Called with events disabled, between irqentry_enter() and irqentry_exit(). */
void purlin_handle_events(struct pt_regs *regs)
{
	struct pt_regs *outer = set_irq_regs(regs);

	irq_enter_rcu();
	handle_pending(vcpu_state());
	irq_exit_rcu();
	set_irq_regs(outer);
}

int arch_show_interrupts(struct seq_file *p, int precision)
{
	int cpu;

	seq_printf(p, "%*s: ", precision, "TMR");
	for_each_online_cpu(cpu)
		seq_printf(p, "%10u ", per_cpu(purlin_timer_count, cpu));
	seq_puts(p, "  Timer events\n");
	smp_show_ipis(p, precision);
	vcpu_show_yields(p, precision);
	return 0;
}

void __init init_IRQ(void)
{
	event_domain = irq_domain_create_linear(NULL, EVENTS, &event_domain_ops, NULL);
	if (!event_domain)
		panic("no memory for the event domain");
	irq_set_default_domain(event_domain);
}
