// SPDX-License-Identifier: GPL-2.0
/*
 * An instruction of the running image is exchanged for another of the same length. With one
 * processor nothing executes it while events are disabled. With several, its first byte is a
 * breakpoint until the rest is written; whoever meets the breakpoint goes on as the new instruction
 * would (purlin_text_exchanging). Between the steps all processors serialise, so that none executes
 * a mixture out of what it fetched earlier (Intel SDM volume 3, "Handling Self- and
 * Cross-Modifying Code").
 */
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/smp.h>
#include <asm/cpuid.h>
#include <asm/protect.h>
#include <asm/ptrace.h>

#define BREAKPOINT		0xcc
#define BREAKPOINT_BYTES	1

/* What is being exchanged, and where the new instruction leads. */
static struct {
	unsigned long site;	/* 0: nothing */
	unsigned long next;
} exchange;

static void serialise(void *unused)
{
	u32 words[4];

	cpuid(0, 0, words);
}

/*
 * QEMU (7.2 and 10.0) may keep, for good, what a processor was translating while the code changed.
 * That is done when all have serialised, and the same code written once more makes it forget it.
 */
static void write_again(void *site, const u8 *code, unsigned int bytes)
{
	purlin_text_write(site, code, bytes);
	on_each_cpu(serialise, NULL, 1);
}

static void exchange_alone(void *site, const u8 *code, unsigned int bytes)
{
	unsigned long flags;

	local_irq_save(flags);
	purlin_text_write(site, code, bytes);
	serialise(NULL);
	local_irq_restore(flags);
}

static void exchange_together(void *site, const u8 *code, unsigned int bytes, void *next)
{
	static const u8 breakpoint = BREAKPOINT;

	WRITE_ONCE(exchange.next, (unsigned long)next);
	/* Whoever finds the site finds where it leads. */
	smp_store_release(&exchange.site, (unsigned long)site);
	purlin_text_write(site, &breakpoint, BREAKPOINT_BYTES);
	on_each_cpu(serialise, NULL, 1);
	purlin_text_write(site + BREAKPOINT_BYTES, code + BREAKPOINT_BYTES,
			  bytes - BREAKPOINT_BYTES);
	on_each_cpu(serialise, NULL, 1);
	purlin_text_write(site, code, BREAKPOINT_BYTES);
	/* Who met the breakpoint has asked for the site by now: events were off until it had. */
	on_each_cpu(serialise, NULL, 1);
	write_again(site, code, BREAKPOINT_BYTES);
	WRITE_ONCE(exchange.site, 0);
}

void purlin_text_exchange_held(void *site, const u8 *code, unsigned int bytes, void *next)
{
	lockdep_assert_held(&text_mutex);
	if (num_online_cpus() == 1)
		exchange_alone(site, code, bytes);
	else
		exchange_together(site, code, bytes, next);
}

void purlin_text_exchange(void *site, const u8 *code, unsigned int bytes, void *next)
{
	/* So early that nobody else is there, the lock may not be taken yet. */
	if (num_online_cpus() == 1) {
		exchange_alone(site, code, bytes);
		return;
	}
	mutex_lock(&text_mutex);
	exchange_together(site, code, bytes, next);
	mutex_unlock(&text_mutex);
}

/* Before anything else is done about a breakpoint: it may stand in what would be done. */
noinstr bool purlin_text_exchanging(struct pt_regs *regs)
{
	/* Before exchange.next is read. */
	if (regs->ip - BREAKPOINT_BYTES != smp_load_acquire(&exchange.site))
		return false;
	regs->ip = READ_ONCE(exchange.next);
	return true;
}
