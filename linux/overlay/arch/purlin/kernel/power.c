// SPDX-License-Identifier: GPL-2.0
/* The end of this Linux, told to the parent; what follows is the system description's. */
#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/panic.h>
#include <linux/panic_notifier.h>
#include <linux/pm.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <asm/environment.h>
#include <asm/processor.h>
#include <asm/vcpu.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include <session/parent.h>

/*
 * A panic is a fault whichever way Linux takes out of it: panic_timeout makes it an emergency
 * restart, which is not one that anybody asked for.
 */
static bool panicked(void)
{
	return atomic_read(&panic_cpu) != PANIC_CPU_INVALID;
}

static void __noreturn leave(u64 how)
{
	purlin_u64 info;

	smp_send_stop();
	local_irq_disable();
	if (panicked())
		how = PARENT_EXIT_PANIC;
	vcpu_state()->message.word[0] = how;
	vcpu_state()->message.word[1] = 0;
	purlin_endpoint_call(PURLIN_SLOT_PARENT, PURLIN_INFO(PARENT_EXIT, 2, 0), &info);
	/* No reply is due. If the parent is gone, nobody will ever want this vCPU. */
	for (;;)
		purlin_thread_exit(how);
}

void machine_restart(char *command)
{
	leave(PARENT_EXIT_RESTART);
}

void machine_halt(void)
{
	leave(PARENT_EXIT_DONE);
}

static void power_off(void)
{
	leave(PARENT_EXIT_POWER_OFF);
}

/* Generic code halts instead when there is none. */
typeof(power_off) *pm_power_off = power_off;
EXPORT_SYMBOL_GPL(pm_power_off);

void machine_power_off(void)
{
	pm_power_off();
}

/* With a time-out Linux leaves by itself when that is over; without one it would spin for ever. */
static int tell_panic(struct notifier_block *block, unsigned long event, void *message)
{
	if (!panic_timeout) {
		bust_spinlocks(0);
		leave(PARENT_EXIT_PANIC);
	}
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = {
	.notifier_call = tell_panic,
	.priority = INT_MIN,
};

/* Early: a Linux that cannot even start panics, too. */
void __init purlin_panic_init(void)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
}
