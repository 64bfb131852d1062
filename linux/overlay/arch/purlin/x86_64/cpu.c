// SPDX-License-Identifier: GPL-2.0
/* /proc/cpuinfo, and what the processor does when there is nothing to do. */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/math64.h>
#include <linux/sched/idle.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <asm/cpuid.h>
#include <asm/irqflags.h>
#include <asm/stopped.h>
#include <asm/time.h>
#include <purlin/calls.h>

/* With events disabled: whoever called finds them pending when it enables them. */
void arch_cpu_idle(void)
{
	this_cpu_write(vcpu_idles, true);
	purlin_vcpu_wait();
	this_cpu_write(vcpu_idles, false);
	stopped_look();
#ifdef PURLIN_TREE_IDLE_ENABLES
	raw_local_irq_enable();
#endif
}

struct flag {
	u8 bit;
	const char *name;
};

/* CPUID leaf 1, EDX and ECX: Intel SDM volume 2, CPUID. */
static const struct flag edx_flags[] = {
	{ 0, "fpu" }, { 4, "tsc" }, { 8, "cx8" }, { 15, "cmov" }, { 19, "clflush" },
	{ 23, "mmx" }, { 24, "fxsr" }, { 25, "sse" }, { 26, "sse2" },
};

static const struct flag ecx_flags[] = {
	{ 0, "pni" }, { 1, "pclmulqdq" }, { 9, "ssse3" }, { 12, "fma" }, { 13, "cx16" },
	{ 19, "sse4_1" }, { 20, "sse4_2" }, { 22, "movbe" }, { 23, "popcnt" },
	{ 25, "aes" }, { 26, "xsave" }, { 28, "avx" }, { 29, "f16c" }, { 30, "rdrand" },
};

static const struct flag ebx7_flags[] = {
	{ 0, "fsgsbase" }, { 3, "bmi1" }, { 5, "avx2" }, { 8, "bmi2" }, { 18, "rdseed" },
	{ 19, "adx" }, { 29, "sha_ni" },
};

static void show_flags(struct seq_file *m, const struct flag *flags, unsigned int count, u32 word)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (word & BIT(flags[i].bit))
			seq_printf(m, " %s", flags[i].name);
	}
}

static void show_brand(struct seq_file *m)
{
	u32 words[13] = { 0 };
	unsigned int i;

	for (i = 0; i < 3; i++)
		cpuid(0x80000002 + i, 0, &words[4 * i]);
	seq_printf(m, "model name\t: %s\n", strim((char *)words));
}

static int show_cpuinfo(struct seq_file *m, void *v)
{
	u32 leaf0[4], leaf1[4], leaf7[4];
	u32 vendor[4] = { 0 };

	cpuid(0, 0, leaf0);
	cpuid(1, 0, leaf1);
	cpuid(7, 0, leaf7);
	vendor[0] = leaf0[1];
	vendor[1] = leaf0[3];
	vendor[2] = leaf0[2];
	seq_printf(m, "processor\t: %lu\n", (unsigned long)v - 1);
	seq_printf(m, "vendor_id\t: %s\n", (char *)vendor);
	seq_printf(m, "cpu family\t: %u\n", (leaf1[0] >> 8 & 0xf) + (leaf1[0] >> 20 & 0xff));
	seq_printf(m, "model\t\t: %u\n", (leaf1[0] >> 4 & 0xf) | (leaf1[0] >> 12 & 0xf0));
	show_brand(m);
	seq_printf(m, "stepping\t: %u\n", leaf1[0] & 0xf);
	seq_printf(m, "cpu MHz\t\t: %llu\n", div_u64(purlin_tsc_hz, 1000000));
	seq_puts(m, "flags\t\t:");
	show_flags(m, edx_flags, ARRAY_SIZE(edx_flags), leaf1[3]);
	seq_puts(m, " syscall nx lm rep_good constant_tsc");
	show_flags(m, ecx_flags, ARRAY_SIZE(ecx_flags), leaf1[2]);
	show_flags(m, ebx7_flags, ARRAY_SIZE(ebx7_flags), leaf7[1]);
	seq_printf(m, "\nbogomips\t: %lu.%02lu\n\n", loops_per_jiffy / (500000 / HZ),
		   (loops_per_jiffy / (5000 / HZ)) % 100);
	return 0;
}

static void *cpuinfo_start(struct seq_file *m, loff_t *position)
{
	*position = cpumask_next(*position - 1, cpu_online_mask);
	return *position < nr_cpu_ids ? (void *)(unsigned long)(*position + 1) : NULL;
}

static void *cpuinfo_next(struct seq_file *m, void *v, loff_t *position)
{
	(*position)++;
	return cpuinfo_start(m, position);
}

static void cpuinfo_stop(struct seq_file *m, void *v)
{
}

const struct seq_operations cpuinfo_op = {
	.start = cpuinfo_start,
	.next = cpuinfo_next,
	.stop = cpuinfo_stop,
	.show = show_cpuinfo,
};
