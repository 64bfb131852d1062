// SPDX-License-Identifier: MIT
/* Starting the other processors (SDM 3A, 8.4): one after the other, each from the trampoline. */
#include "arch/acpi.h"
#include "arch/apic.h"
#include "arch/boot.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "base/arch.h"
#include "base/string.h"
#include "debug/console.h"
#include "debug/log.h"
#include "debug/options.h"

#define INIT_DELAY_US 10000
#define STARTUP_DELAY_US 300
/* The host of a virtual one may have much else to do: only a broken one takes longer. */
#define STARTUP_PATIENCE_US 10000000

/* The end of trampoline.S. */
struct trampoline_words {
	uint64_t stack, cpu, entry;
	uint32_t cr3, far_offset;
	uint16_t far_segment, gdt_limit;
	uint32_t gdt_base;
} __attribute__((packed));
_Static_assert(offsetof(struct trampoline_words, cpu) == TRAMPOLINE_CPU, "trampoline.S");
_Static_assert(offsetof(struct trampoline_words, entry) == TRAMPOLINE_ENTRY, "trampoline.S");
_Static_assert(offsetof(struct trampoline_words, cr3) == TRAMPOLINE_CR3, "trampoline.S");
_Static_assert(offsetof(struct trampoline_words, far_offset) == TRAMPOLINE_FAR, "trampoline.S");
_Static_assert(offsetof(struct trampoline_words, gdt_base) == TRAMPOLINE_GDT_BASE, "trampoline.S");

extern const char trampoline[], trampoline_words[], trampoline_end[];

uint64_t trampoline_page;

/* Processors allowed by the command line. */
static unsigned int processors_wanted(void)
{
	uint64_t limit;

	if (option_given(boot_info.command_line, "nosmp"))
		return 1;
	if (option_number(boot_info.command_line, "cpus", &limit) && limit > 0 && limit < CPU_MAX)
		return (unsigned int)limit;
	return CPU_MAX;
}

static struct trampoline_words *trampoline_copy(void)
{
	char *page = direct_map_low(trampoline_page);
	struct trampoline_words *words = (void *)(page + (trampoline_words - trampoline));

	memcpy(page, trampoline, (size_t)(trampoline_end - trampoline));
	words->entry = (uint64_t)secondary_main;
	/* Real mode can load 32 bits only. The image lies below 4 GiB, and so does this root. */
	words->cr3 = (uint32_t)arch_kernel_to_physical(boot_pml4).value;
	words->far_offset += (uint32_t)trampoline_page;
	words->gdt_base += (uint32_t)trampoline_page;
	return words;
}

static bool wait_online(const struct cpu *cpu, uint64_t microseconds)
{
	uint64_t end = arch_time() + microseconds * arch_time_hz() / 1000000;

	while (!cpu->online && !cpu->missing && arch_time() < end)
		cpu_pause();
	return cpu->online;
}

static bool start(struct cpu *cpu, struct trampoline_words *words)
{
	words->stack = cpu->stack;
	words->cpu = (uint64_t)cpu;
	/* The words before the start: the other side reads them after it. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	apic_send_startup(cpu->apic_id, trampoline_page);
	if (wait_online(cpu, STARTUP_DELAY_US))
		return true;
	/*
	 * The second one is for processors that miss the first (SDM 3A, 8.4.4.1); one that runs
	 * already ignores it.
	 */
	apic_send_startup(cpu->apic_id, trampoline_page);
	return wait_online(cpu, STARTUP_PATIENCE_US);
}

static bool is_other(uint32_t apic_id)
{
	return apic_id != cpus[0].apic_id && (cpu_features.x2apic || apic_id < 0xff);
}

static void init_all(void)
{
	for (unsigned int i = 0; i < acpi.processors; i++)
		if (is_other(acpi.apic_id[i]))
			apic_send_init(acpi.apic_id[i]);
	/* The wait that each needs after INIT, once for all. */
	timer_delay_us(INIT_DELAY_US);
}

void smp_start(void)
{
	unsigned int wanted = processors_wanted();

	if (wanted == 1 || acpi.processors < 2 || !trampoline_page)
		return;
	struct trampoline_words *words = trampoline_copy();
	init_all();
	/* One at a time: the trampoline has one set of words, with one stack. */
	for (unsigned int i = 0; i < acpi.processors && cpu_count < wanted; i++) {
		struct cpu *cpu = &cpus[cpu_count];
		if (!is_other(acpi.apic_id[i]))
			continue;
		cpu->apic_id = acpi.apic_id[i];
		cpu_stacks_create(cpu);
		if (start(cpu, words)) {
			cpu_count++;
			continue;
		}
		if (cpu->missing)
			cpu_refuse(cpu, cpu->missing);
		/* It might still wake and use the words of the next one. */
		panic("processor with APIC id %u does not start (try nosmp)", cpu->apic_id);
	}
}

_Noreturn void secondary_main(struct cpu *cpu)
{
	/* First, since a fault needs the IDT, and a panic wants to know its processor. */
	cpu_tables_init(cpu);
	cpu->missing = cpu_missing();
	if (cpu->missing)
		arch_halt();
	cpu_registers_init();
	/* From here on the lower half is gone: the trampoline is not mapped any more. */
	cr3_write(kernel_root.value);
	apic_init_cpu();
	timer_init_cpu();
	/* Last: the starting processor reuses the trampoline's words as soon as it sees this. */
	cpu->online = true;
	kernel_secondary();
}
