// SPDX-License-Identifier: MIT
/* From the loader's state to kernel_main(): the order in which the machine comes up. */
#include "arch/boot.h"

#include "arch/acpi.h"
#include "arch/apic.h"
#include "arch/context.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "core/arch.h"
#include "core/lock.h"
#include "core/pages.h"
#include "core/string.h"
#include "debug/log.h"

#define LOW_MEMORY 0x100000 /* firmware data, start of processors: not for the allocator */

static struct boot_data boot_data;

/* Take memory away from the allocator before it exists. */
static void keep(uint64_t base, uint64_t bytes)
{
	uint64_t start = base & ~(PAGE_SIZE - 1);

	reserved_add(base, bytes);
	memory_map_add(&boot_data.map, start, base + bytes - start, PURLIN_MEMORY_RESERVED);
}

static unsigned int normalise(void)
{
	boot_info.memory_ranges = memory_map_normalise(&boot_data.map, boot_info.memory, 64);
	return boot_info.memory_ranges;
}

/* A page below 640 KiB, from the top; what lies there is never handed out. 0: none. */
static uint64_t low_page(void)
{
	static uint64_t below = 0xa0000;

	for (below -= PAGE_SIZE; below > 0; below -= PAGE_SIZE)
		if (memory_map_usable(&boot_data.map, below, PAGE_SIZE))
			return below;
	return 0;
}

/*
 * The trampoline's page, and a place for a root pointer of which the loader
 * gave us a copy: user level maps it, so not inside the image.
 */
static void low_pages_init(void)
{
	trampoline_page = low_page();
	if (boot_data.rsdp_copy_size == 0)
		return;
	boot_data.rsdp = low_page();
	if (boot_data.rsdp)
		memcpy(arch_physical_to_kernel((struct physical){ boot_data.rsdp }),
		       boot_data.rsdp_copy, boot_data.rsdp_copy_size);
}

/* A place for the bitmap: usable, below 4 GiB, from 1 MiB on. */
static uint64_t find_place(uint64_t bytes)
{
	for (unsigned int i = 0; i < boot_info.memory_ranges; i++) {
		const struct purlin_memory_range *range = &boot_info.memory[i];
		if (range->kind == PURLIN_MEMORY_USABLE && range->size >= bytes &&
		    range->base + bytes <= 1ull << 32)
			return range->base;
	}
	panic("no memory for the page allocator");
}

static void memory_init(void)
{
	uint64_t highest = 0;
	uint64_t image = arch_kernel_to_physical(image_start).value;

	low_pages_init();
	kernel_image_end = arch_kernel_to_physical(image_end);
	memory_map_add(&boot_data.map, 0, LOW_MEMORY, PURLIN_MEMORY_RESERVED);
	keep(image, kernel_image_end.value - image);
	if (boot_data.bundle_size)
		keep(boot_data.bundle, boot_data.bundle_size);
	for (unsigned int i = 0; i < normalise(); i++) {
		struct purlin_memory_range *range = &boot_info.memory[i];
		if (range->kind == PURLIN_MEMORY_USABLE && range->base + range->size > highest)
			highest = range->base + range->size;
	}
	if (highest > (uint64_t)DIRECT_MAP_SLOTS << 39)
		highest = (uint64_t)DIRECT_MAP_SLOTS << 39;

	uint64_t bitmap_bytes = (highest / PAGE_SIZE + 63) / 64 * 8;
	uint64_t bitmap = find_place(bitmap_bytes);
	keep(bitmap, bitmap_bytes);
	normalise();
	pages_init(arch_physical_to_kernel((struct physical){ bitmap }), highest / PAGE_SIZE);
	for (unsigned int i = 0; i < boot_info.memory_ranges; i++) {
		struct purlin_memory_range *range = &boot_info.memory[i];
		if (range->kind == PURLIN_MEMORY_USABLE && range->base + range->size <= highest)
			pages_add((struct physical){ range->base }, range->size / PAGE_SIZE);
	}
	paging_boot(boot_info.memory, boot_info.memory_ranges, bitmap, bitmap_bytes);
}

/* The bundle becomes a memory object: it must start at a page of its own. */
static void bundle_init(void)
{
	uint64_t pages = (boot_data.bundle_size + PAGE_SIZE - 1) / PAGE_SIZE;

	boot_info.bundle_size = boot_data.bundle_size;
	if (pages == 0)
		return;
	const void *original = direct_map_firmware(boot_data.bundle, boot_data.bundle_size);
	boot_bundle.value = boot_data.bundle;
	if (boot_data.bundle % PAGE_SIZE == 0)
		return;
	boot_bundle = pages_allocate(pages, 1, 0);
	if (!physical_valid(boot_bundle))
		panic("no memory to move the bundle of %lu bytes", boot_data.bundle_size);
	memcpy(arch_physical_to_kernel(boot_bundle), original, boot_data.bundle_size);
}

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
	const struct {
		bool present;
		const char *name;
	} features[] = {
		{ cpu_features.pcid, " pcid" },
		{ cpu_features.x2apic, " x2apic" },
		{ cpu_features.tsc_deadline, " tsc-deadline" },
		{ cpu_features.smep, " smep" },
		{ cpu_features.smap, " smap" },
		{ cpu_features.umip, " umip" },
		{ cpu_features.pages_1g, " 1g-pages" },
	};

	log_print("processor features:");
	for (unsigned int i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (features[i].present)
			log_print("%s", features[i].name);
	log_print(", xcr0 %lx, %u bytes\n", cpu_features.xcr0, cpu_features.xsave_bytes);
}

/* On the boot processor's own stack. */
static void boot_rest(void)
{
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
	cpu_detect();
	log_print("Purlin, ABI %u\n", PURLIN_ABI_VERSION);
	cpu_warn();
	context_init();
	cpu_registers_init();
	read_loader(loader, info);
	memory_init();
	bundle_init();
	cpu_stacks_create(&cpus[0]);
	pic_disable();
	boot_info.rsdp = acpi_init(boot_data.rsdp);
	apic_detect();
	apic_init_cpu();
	ioapic_init();
	timer_calibrate();
	timer_init_cpu();
	stack_switch(cpus[0].stack, boot_rest);
}
