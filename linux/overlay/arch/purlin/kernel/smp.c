// SPDX-License-Identifier: GPL-2.0
/*
 * Several vCPUs. init has created all that Linux may use and named them in the device tree; the
 * boot processor configures and starts the others. What vCPUs tell each other are events of
 * word 0, the same numbers on all, sent through the signals behind pending[].
 *
 * A vCPU is started once. One that is taken offline waits in cpu_idle_dead() for the next start.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/kernel_stat.h>
#include <linux/nmi.h>
#include <linux/of.h>
#include <linux/sched.h>
#include <linux/sched/hotplug.h>
#include <linux/sched/mm.h>
#include <linux/sched/task_stack.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <asm/entry.h>
#include <asm/batch.h>
#include <asm/irq.h>
#include <asm/mmu_context.h>
#include <asm/processor.h>
#include <asm/time.h>
#include <asm/vcpu.h>
#include <asm/xstate.h>
#include <purlin/boot.h>
#include <purlin/calls.h>

DEFINE_PER_CPU_READ_MOSTLY(int, cpu_number);
EXPORT_PER_CPU_SYMBOL(cpu_number);
/* Where x86's header declares it to be. */
#ifdef DEFINE_PER_CPU_CACHE_HOT
DEFINE_PER_CPU_CACHE_HOT(unsigned long, this_cpu_off);
#else
DEFINE_PER_CPU_READ_MOSTLY(unsigned long, this_cpu_off);
#endif
EXPORT_PER_CPU_SYMBOL(this_cpu_off);

/* Events of word 0, from those that init does not give out (asm/irq.h). */
enum ipi {
	IPI_RESCHEDULE,
	IPI_CALL,
	IPI_STOP,
	IPI_COUNT
};

#define IPI_BIT(ipi)	BIT_ULL(PURLIN_EVENT_IPI + (ipi))
#define IPI_BITS	(IPI_BIT(IPI_COUNT) - IPI_BIT(0))

static const char * const ipi_names[IPI_COUNT] = {
	[IPI_RESCHEDULE] = "Rescheduling events",
	[IPI_CALL] = "Function call events",
	[IPI_STOP] = "Stop events",
};

enum state {
	VCPU_NEW,
	VCPU_RUNS,
	VCPU_DEAD,
};

struct secondary {
	unsigned int vcpu;	/* slots */
	unsigned int events;
	enum state state;
};

static struct secondary secondaries[NR_CPUS] = {
	[0] = { .vcpu = PURLIN_SLOT_THREAD, .events = PURLIN_SLOT_EVENTS, .state = VCPU_RUNS },
};

static DEFINE_PER_CPU(unsigned int [IPI_COUNT], ipi_counts);
static DECLARE_COMPLETION(vcpu_up);

asmlinkage __visible void purlin_secondary_start(void);

void __init smp_find_vcpus(void)
{
	struct device_node *node;
	u32 cpu;

	for_each_of_cpu_node(node) {
		struct secondary *found;

		if (of_property_read_u32(node, "reg", &cpu) || cpu >= NR_CPUS)
			continue;
		found = &secondaries[cpu];
		if (of_property_read_u32(node, "purlin,vcpu", &found->vcpu) ||
		    of_property_read_u32(node, "purlin,events", &found->events))
			continue;
		set_cpu_possible(cpu, true);
		set_cpu_present(cpu, true);
	}
}

unsigned int smp_event_slot(unsigned int cpu)
{
	return secondaries[cpu].events;
}

unsigned int smp_vcpu_slot(unsigned int cpu)
{
	return secondaries[cpu].vcpu;
}

/* From here on the boot processor's per-CPU variables are where all others' are: in an area. */
void __init smp_prepare_boot_cpu(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu(this_cpu_off, cpu) = per_cpu_offset(cpu);
		per_cpu(cpu_number, cpu) = cpu;
	}
	vcpu_move(per_cpu_offset(0));
}

/* Before the second one starts: what one vCPU need not care about (mm/batch.c). */
void __init smp_prepare_cpus(unsigned int max_cpus)
{
	if (num_possible_cpus() > 1)
		static_branch_enable(&several_vcpus);
}

void __init smp_cpus_done(unsigned int max_cpus)
{
}

static int start_new(unsigned int cpu, unsigned long sp)
{
	unsigned int slot = secondaries[cpu].vcpu;
	unsigned long base = per_cpu_offset(cpu);
	long status = vcpu_configure(slot, cpu);

	if (!status)
		status = purlin_vcpu_start(slot, (unsigned long)purlin_secondary_head, sp, base, 0);
	return status ? -EIO : 0;
}

int __cpu_up(unsigned int cpu, struct task_struct *idle)
{
	struct secondary *secondary = &secondaries[cpu];
	unsigned long top = task_top_of_stack(idle);
	enum state before = READ_ONCE(secondary->state);
	int ret = 0;

	per_cpu(current_task, cpu) = idle;
	per_cpu(cpu_current_top_of_stack, cpu) = top;
	reinit_completion(&vcpu_up);
	/* Whoever wakes sees all that was written for it. */
	smp_store_release(&secondary->state, VCPU_RUNS);
	if (before == VCPU_NEW)
		ret = start_new(cpu, (unsigned long)task_pt_regs(idle));
	else
		purlin_signal_notify(secondary->events, IPI_BIT(IPI_RESCHEDULE));
	if (ret)
		secondary->state = before;
	else
		wait_for_completion(&vcpu_up);
	return ret;
}

/* First C function of a vCPU that comes online, on its idle task's stack. */
asmlinkage __visible void purlin_secondary_start(void)
{
	unsigned int cpu = smp_processor_id();

	xstate_reset();
	mmgrab(&init_mm);
	current->active_mm = &init_mm;
	notify_cpu_starting(cpu);
	set_cpu_online(cpu, true);
	deadline_register();
	complete(&vcpu_up);
	local_irq_enable();
	cpu_startup_entry(CPUHP_AP_ONLINE_IDLE);
}

static void send(unsigned int cpu, enum ipi ipi)
{
	purlin_signal_notify(secondaries[cpu].events, IPI_BIT(ipi));
}

#ifdef PURLIN_TREE_ARCH_SEND_RESCHEDULE
void arch_smp_send_reschedule(int cpu)
#else
void smp_send_reschedule(int cpu)
#endif
{
	send(cpu, IPI_RESCHEDULE);
}

void arch_send_call_function_single_ipi(int cpu)
{
	send(cpu, IPI_CALL);
}

void arch_send_call_function_ipi_mask(const struct cpumask *mask)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		send(cpu, IPI_CALL);
}

#ifdef CONFIG_IRQ_WORK
void arch_irq_work_raise(void)
{
	send(smp_processor_id(), IPI_CALL);
}
#endif

static void __noreturn stop_here(void)
{
	set_cpu_online(smp_processor_id(), false);
	local_irq_disable();
	for (;;) {
		WRITE_ONCE(vcpu_state()->events_pending, 0);
		purlin_vcpu_wait();
	}
}

u64 smp_handle_ipis(u64 bits)
{
	unsigned int ipi;

	if (likely(!(bits & IPI_BITS)))
		return bits;
	for (ipi = 0; ipi < IPI_COUNT; ipi++) {
		if (bits & IPI_BIT(ipi))
			__this_cpu_inc(ipi_counts[ipi]);
	}
	if (bits & IPI_BIT(IPI_STOP))
		stop_here();
	if (bits & IPI_BIT(IPI_RESCHEDULE))
		scheduler_ipi();
	if (bits & IPI_BIT(IPI_CALL)) {
		generic_smp_call_function_interrupt();
		irq_work_run();
	}
	return bits & ~IPI_BITS;
}

void smp_show_ipis(struct seq_file *p, int precision)
{
	unsigned int ipi, cpu;

	for (ipi = 0; ipi < IPI_COUNT; ipi++) {
		seq_printf(p, "%*s%u: ", precision - 1, "IPI", ipi);
		for_each_online_cpu(cpu)
			seq_printf(p, "%10u ", per_cpu(ipi_counts[ipi], cpu));
		seq_printf(p, "  %s\n", ipi_names[ipi]);
	}
}

static bool stop_wanted;

static void alert(unsigned int cpu)
{
	purlin_vcpu_alert(secondaries[cpu].vcpu);
}

static void wait_for_stop(void)
{
	unsigned int left = USEC_PER_SEC;

	while (num_online_cpus() > 1 && left--)
		udelay(1);
}

/* One that does not take events, for a second, is in the middle of something it never ends. */
void smp_send_stop(void)
{
	unsigned int cpu;

	WRITE_ONCE(stop_wanted, true);
	for_each_online_cpu(cpu) {
		if (cpu != smp_processor_id())
			send(cpu, IPI_STOP);
	}
	wait_for_stop();
	for_each_online_cpu(cpu) {
		if (cpu != smp_processor_id())
			alert(cpu);
	}
	wait_for_stop();
}

void smp_alerted(struct pt_regs *regs)
{
	if (READ_ONCE(stop_wanted))
		stop_here();
	nmi_cpu_backtrace(regs);
}

static void alert_all(cpumask_t *mask)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		alert(cpu);
}

#ifdef PURLIN_TREE_BACKTRACE_NAMES_CPU
void arch_trigger_cpumask_backtrace(const struct cpumask *mask, int exclude_cpu)
{
	nmi_trigger_cpumask_backtrace(mask, exclude_cpu, alert_all);
}
#else
void arch_trigger_cpumask_backtrace(const struct cpumask *mask, bool exclude_self)
{
	nmi_trigger_cpumask_backtrace(mask, exclude_self, alert_all);
}
#endif

#ifdef CONFIG_HOTPLUG_CPU
int __cpu_disable(void)
{
	set_cpu_online(smp_processor_id(), false);
	irq_migrate_all_off_this_cpu();
	return 0;
}

/* It has given up its work already, and is a few instructions from its end. */
void __cpu_die(unsigned int cpu)
{
	smp_cond_load_acquire(&secondaries[cpu].state, VAL == VCPU_DEAD);
}

void __noreturn arch_cpu_idle_dead(void)
{
	unsigned int cpu = smp_processor_id();
	struct secondary *secondary = &secondaries[cpu];
	struct purlin_vcpu_state *vcpu = vcpu_state();

	idle_task_exit();
	local_irq_disable();
	/* After all it did as an idle task; __cpu_die() waits for it. */
	smp_store_release(&secondary->state, VCPU_DEAD);
	/* Before what __cpu_up() has written for it is read. */
	while (smp_load_acquire(&secondary->state) != VCPU_RUNS) {
		purlin_vcpu_wait();
		/* Whatever came was meant for a processor that is online. */
		WRITE_ONCE(vcpu->events_pending, 0);
		xchg(&vcpu->pending_words, 0);
		xchg(&vcpu->pending[0], 0);
	}
	purlin_secondary_again(task_pt_regs(current), per_cpu_offset(cpu));
}
#endif

/* Device interrupts that init gave out are bound to the boot processor's events: it stays. */
static DEFINE_PER_CPU(struct cpu, cpu_devices);

static int __init register_cpus(void)
{
	unsigned int cpu;

	for_each_present_cpu(cpu) {
		struct cpu *device = &per_cpu(cpu_devices, cpu);

		device->hotpluggable = IS_ENABLED(CONFIG_HOTPLUG_CPU) && cpu != 0;
		if (register_cpu(device, cpu))
			pr_err("cpu%u: no device\n", cpu);
	}
	return 0;
}
subsys_initcall(register_cpus);
