// SPDX-License-Identifier: MIT
/* From the loader's state to kernel_main(): the order in which the machine comes up. */
#include "arch/boot.h"

#include "arch/acpi.h"
#include "arch/apic.h"
#include "arch/context.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "base/lock.h"
#include "base/pages.h"
#include "debug/log.h"

static struct boot_data boot_data;

static void read_loader(uint32_t loader, uint64_t info)
{
	bool valid = false;

	if (loader == BOOT_PVH)
		valid = pvh_read(info, &boot_data);
	else if (loader == BOOT_MULTIBOOT2)
		valid = multiboot2_read(info, &boot_data);
	if (!valid)
		panic("started by an unknown loader (%x)", loader);
	boot_copy_text(boot_info.command_line, sizeof(boot_info.command_line),
		       boot_data.command_line);
	log_options(boot_info.command_line);
	screen_find(&boot_data);
}

static void report(void)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < boot_info.memory_ranges; i++)
		if (boot_info.memory[i].kind == PURLIN_MEMORY_USABLE)
			total += boot_info.memory[i].size;
	boot_info.cpu_count = cpu_count;
	boot_info.tsc_hz = arch_time_hz();
	boot_info.free_pages = pages_available();
	log_print("cpus %u, memory %lu MiB, tsc %lu.%03lu MHz, bundle %lu KiB\n", cpu_count,
		  total >> 20, boot_info.tsc_hz / 1000000, boot_info.tsc_hz / 1000 % 1000,
		  boot_info.bundle_size >> 10);
}

static void report_features(void)
{
	char names[160];

	features_list(cpu_features.found & ~FEATURES_ALL_REQUIRED, names, sizeof(names));
	log_print("processor features: %s; xcr0 %lx, %u bytes\n", names, cpu_features.xcr0,
		  cpu_features.xsave_bytes);
}

/* On the boot processor's own stack. */
static void boot_rest(void)
{
	/* The others come up as far as this lock, and wait until there is somebody to run. */
	kernel_lock();
	smp_start();
	report();
	report_features();
	kernel_main();
	arch_leave();
}

void boot_main(uint32_t loader, uint64_t info)
{
	cpu_tables_init(&cpus[0]); /* first: a panic wants to know its processor */
	log_init();
	read_loader(loader,
		    info); /* tells where the screen is, which shows what cpu_detect() refuses */
	cpu_detect();
	log_print("Purlin, ABI %u\n", PURLIN_ABI_VERSION);
	cpu_warn();
	context_init();
	cpu_registers_init();
	memory_init(&boot_data);
	screen_reach();
	bundle_init(&boot_data);
	cpu_stacks_create(&cpus[0]);
	/* Before interrupts are on for the first time: firmware gave it vectors of exceptions. */
	pic_disable();
	boot_info.rsdp = acpi_init(boot_data.rsdp);
	apic_detect();
	apic_init_cpu();
	ioapic_init();
	timer_calibrate();
	timer_init_cpu();
	stack_switch(cpus[0].stack, boot_rest);
}
