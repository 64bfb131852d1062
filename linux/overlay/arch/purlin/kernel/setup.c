// SPDX-License-Identifier: GPL-2.0
/* From the first C function to a Linux that knows its memory and its device tree. */
#include <linux/console.h>
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/jump_label.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/of_fdt.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/screen_info.h>
#include <linux/start_kernel.h>
#include <asm/entry.h>
#include <asm/environment.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/sections.h>
#include <asm/setup.h>
#include <asm/smp.h>
#include <asm/vcpu.h>

DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;
EXPORT_PER_CPU_SYMBOL(current_task);
DEFINE_PER_CPU(unsigned long, cpu_current_top_of_stack) =
	(unsigned long)&init_stack + sizeof(init_stack);
DEFINE_PER_CPU(int, __preempt_count) = INIT_PREEMPT_COUNT;
EXPORT_PER_CPU_SYMBOL(__preempt_count);
DEFINE_PER_CPU(unsigned long, entry_scratch);

static phys_addr_t device_tree __initdata;

asmlinkage __visible void __init purlin_start(phys_addr_t tree);

asmlinkage __visible void __init purlin_start(phys_addr_t tree)
{
	vcpu_setup();
	device_tree = tree;
	start_kernel();
}

/*
 * The second parameter came with a later kernel and was taken into some stable
 * ones: the prototype tells, the version does not.
 */
static void __init scan_device_tree(void)
{
	bool found;

#ifdef PURLIN_TREE_SCAN_HAS_PHYSICAL
	found = early_init_dt_scan(__va(device_tree), device_tree);
#else
	found = early_init_dt_scan(__va(device_tree));
#endif
	if (!found)
		panic("no device tree at %pa", &device_tree);
}

static void __init reserve_memory(void)
{
	phys_addr_t start, end;
	u64 i;

	memblock_reserve(__pa_symbol(_stext), _end - _stext);
	/* Physical address 0 is no page to hand out. */
	memblock_reserve(0, PAGE_SIZE);
	/* load_unaligned_zeropad() may read a word beyond what it was given. */
	for_each_mem_range(i, &start, &end)
		memblock_reserve(end - PAGE_SIZE, PAGE_SIZE);
	early_init_fdt_reserve_self();
	early_init_fdt_scan_reserved_mem();
#ifdef CONFIG_BLK_DEV_INITRD
	if (phys_initrd_size)
		memblock_reserve(phys_initrd_start, phys_initrd_size);
#endif
}

void __init setup_arch(char **command_line)
{
	purlin_early_console_init();
	purlin_panic_init();
	setup_initial_init_mm(_stext, _etext, _edata, _end);
	scan_device_tree();
	*command_line = boot_command_line;
	/* Parameters may turn static keys. */
	jump_label_init();
	parse_early_param();

	reserve_memory();
	memblock_allow_resize();
	paging_init();
	unflatten_device_tree();
	smp_find_vcpus();
	purlin_sched_clock_init(purlin_environment_u64("purlin,tsc-hz"));
}

void __init arch_cpu_finalize_init(void)
{
}
