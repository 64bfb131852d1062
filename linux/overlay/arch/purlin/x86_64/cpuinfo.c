// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/cpuinfo: what the processor says of itself (CPUID; Intel SDM volume 2, AMD APM volume 3).
 * Of features these are the ones that programs can use: some need state that XCR0 enables.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <asm/cpuid.h>
#include <asm/time.h>

enum { EAX, EBX, ECX, EDX };

#define LEAF_CACHES	4
#define LEAF_FEATURES	7
#define LEAF_STATE	0xd
#define LEAF_MOST	0x80000000
#define LEAF_MORE	0x80000001
#define LEAF_BRAND	0x80000002
#define LEAF_CACHE	0x80000006
#define LEAF_ADDRESSES	0x80000008

/* Parts of XCR0 (SDM volume 1, 13.3). */
#define STATE_AVX	0x6
#define STATE_AVX512	0xe6

#define BIT_XSAVE_USED	BIT(27)	/* of leaf 1, ECX: XGETBV may be executed */

static const struct feature {
	u32 leaf;
	u8 subleaf, word, bit, state;
	const char *name;
} features[] = {
	{ 1, 0, EDX, 0, 0, "fpu" },
	{ 1, 0, EDX, 4, 0, "tsc" },
	{ 1, 0, EDX, 8, 0, "cx8" },
	{ 1, 0, EDX, 15, 0, "cmov" },
	{ 1, 0, EDX, 19, 0, "clflush" },
	{ 1, 0, EDX, 23, 0, "mmx" },
	{ 1, 0, EDX, 24, 0, "fxsr" },
	{ 1, 0, EDX, 25, 0, "sse" },
	{ 1, 0, EDX, 26, 0, "sse2" },
	{ LEAF_MORE, 0, EDX, 11, 0, "syscall" },
	{ LEAF_MORE, 0, EDX, 20, 0, "nx" },
	{ LEAF_MORE, 0, EDX, 22, 0, "mmxext" },
	{ LEAF_MORE, 0, EDX, 25, 0, "fxsr_opt" },
	{ LEAF_MORE, 0, EDX, 27, 0, "rdtscp" },
	{ LEAF_MORE, 0, EDX, 29, 0, "lm" },
	{ 1, 0, ECX, 0, 0, "pni" },
	{ 1, 0, ECX, 1, 0, "pclmulqdq" },
	{ 1, 0, ECX, 9, 0, "ssse3" },
	{ 1, 0, ECX, 12, STATE_AVX, "fma" },
	{ 1, 0, ECX, 13, 0, "cx16" },
	{ 1, 0, ECX, 19, 0, "sse4_1" },
	{ 1, 0, ECX, 20, 0, "sse4_2" },
	{ 1, 0, ECX, 22, 0, "movbe" },
	{ 1, 0, ECX, 23, 0, "popcnt" },
	{ 1, 0, ECX, 25, 0, "aes" },
	{ 1, 0, ECX, 26, 0, "xsave" },
	{ 1, 0, ECX, 28, STATE_AVX, "avx" },
	{ 1, 0, ECX, 29, STATE_AVX, "f16c" },
	{ 1, 0, ECX, 30, 0, "rdrand" },
	{ 1, 0, ECX, 31, 0, "hypervisor" },
	{ LEAF_MORE, 0, ECX, 0, 0, "lahf_lm" },
	{ LEAF_MORE, 0, ECX, 5, 0, "abm" },
	{ LEAF_MORE, 0, ECX, 6, 0, "sse4a" },
	{ LEAF_MORE, 0, ECX, 7, 0, "misalignsse" },
	{ LEAF_MORE, 0, ECX, 8, 0, "3dnowprefetch" },
	{ LEAF_MORE, 0, ECX, 11, STATE_AVX, "xop" },
	{ LEAF_MORE, 0, ECX, 16, STATE_AVX, "fma4" },
	{ LEAF_MORE, 0, ECX, 21, 0, "tbm" },
	{ LEAF_FEATURES, 0, EBX, 0, 0, "fsgsbase" },
	{ LEAF_FEATURES, 0, EBX, 3, 0, "bmi1" },
	{ LEAF_FEATURES, 0, EBX, 5, STATE_AVX, "avx2" },
	{ LEAF_FEATURES, 0, EBX, 8, 0, "bmi2" },
	{ LEAF_FEATURES, 0, EBX, 9, 0, "erms" },
	{ LEAF_FEATURES, 0, EBX, 16, STATE_AVX512, "avx512f" },
	{ LEAF_FEATURES, 0, EBX, 17, STATE_AVX512, "avx512dq" },
	{ LEAF_FEATURES, 0, EBX, 18, 0, "rdseed" },
	{ LEAF_FEATURES, 0, EBX, 19, 0, "adx" },
	{ LEAF_FEATURES, 0, EBX, 21, STATE_AVX512, "avx512ifma" },
	{ LEAF_FEATURES, 0, EBX, 23, 0, "clflushopt" },
	{ LEAF_FEATURES, 0, EBX, 24, 0, "clwb" },
	{ LEAF_FEATURES, 0, EBX, 28, STATE_AVX512, "avx512cd" },
	{ LEAF_FEATURES, 0, EBX, 29, 0, "sha_ni" },
	{ LEAF_FEATURES, 0, EBX, 30, STATE_AVX512, "avx512bw" },
	{ LEAF_FEATURES, 0, EBX, 31, STATE_AVX512, "avx512vl" },
	{ LEAF_STATE, 1, EAX, 0, 0, "xsaveopt" },
	{ LEAF_STATE, 1, EAX, 1, 0, "xsavec" },
	{ LEAF_STATE, 1, EAX, 2, 0, "xgetbv1" },
	{ LEAF_FEATURES, 1, EAX, 4, STATE_AVX, "avx_vnni" },
	{ LEAF_ADDRESSES, 0, EBX, 0, 0, "clzero" },
	{ LEAF_FEATURES, 0, ECX, 1, STATE_AVX512, "avx512vbmi" },
	{ LEAF_FEATURES, 0, ECX, 2, 0, "umip" },
	{ LEAF_FEATURES, 0, ECX, 6, STATE_AVX512, "avx512_vbmi2" },
	{ LEAF_FEATURES, 0, ECX, 8, 0, "gfni" },
	{ LEAF_FEATURES, 0, ECX, 9, STATE_AVX, "vaes" },
	{ LEAF_FEATURES, 0, ECX, 10, STATE_AVX, "vpclmulqdq" },
	{ LEAF_FEATURES, 0, ECX, 11, STATE_AVX512, "avx512_vnni" },
	{ LEAF_FEATURES, 0, ECX, 12, STATE_AVX512, "avx512_bitalg" },
	{ LEAF_FEATURES, 0, ECX, 14, STATE_AVX512, "avx512_vpopcntdq" },
	{ LEAF_FEATURES, 0, ECX, 22, 0, "rdpid" },
	{ LEAF_FEATURES, 0, ECX, 27, 0, "movdiri" },
	{ LEAF_FEATURES, 0, ECX, 28, 0, "movdir64b" },
	{ LEAF_FEATURES, 0, EDX, 4, 0, "fsrm" },
	{ LEAF_FEATURES, 0, EDX, 14, 0, "serialize" },
};

/* A leaf beyond the last one says what the last one says: zeroes in its place. */
static void ask(u32 leaf, u32 subleaf, u32 *words)
{
	cpuid(leaf & LEAF_MOST, 0, words);
	if (leaf > words[EAX])
		memset(words, 0, 4 * sizeof(*words));
	else
		cpuid(leaf, subleaf, words);
}

static u32 enabled_state(void)
{
	u32 words[4], low, high;

	ask(1, 0, words);
	if (!(words[ECX] & BIT_XSAVE_USED))
		return 0;
	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return low;
}

static void show_features(struct seq_file *m)
{
	u32 state = enabled_state(), words[4];
	unsigned int i;

	seq_puts(m, "flags\t\t:");
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const struct feature *feature = &features[i], *last = feature - 1;

		if (!i || feature->leaf != last->leaf || feature->subleaf != last->subleaf)
			ask(feature->leaf, feature->subleaf, words);
		if (words[feature->word] & BIT(feature->bit) &&
		    !(feature->state & ~state))
			seq_printf(m, " %s", feature->name);
	}
	seq_puts(m, " constant_tsc rep_good\n");
}

static void show_brand(struct seq_file *m)
{
	u32 words[13] = { 0 };
	unsigned int i;

	for (i = 0; i < 3; i++)
		ask(LEAF_BRAND + i, 0, &words[4 * i]);
	seq_printf(m, "model name\t: %s\n", strim((char *)words));
}

/* KiB of the last one: by the leaf that lists caches, or the one that has the second level. */
static u32 cache_size(void)
{
	u32 words[4], kib = 0;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		ask(LEAF_CACHES, i, words);
		if (!(words[EAX] & 0x1f))
			break;
		kib = ((words[EBX] >> 22) + 1) * ((words[EBX] >> 12 & 0x3ff) + 1) *
		      ((words[EBX] & 0xfff) + 1) / 1024 * (words[ECX] + 1);
	}
	ask(LEAF_CACHE, 0, words);
	return kib ?: words[ECX] >> 16;
}

/* Where vCPUs really run may change: they are the cores of one package. */
static void show_place(struct seq_file *m, unsigned int cpu)
{
	seq_printf(m, "cache size\t: %u KB\n", cache_size());
	seq_printf(m, "physical id\t: 0\nsiblings\t: %u\n", num_online_cpus());
	seq_printf(m, "core id\t\t: %u\ncpu cores\t: %u\n", cpu, num_online_cpus());
	seq_printf(m, "apicid\t\t: %u\ninitial apicid\t: %u\n", cpu, cpu);
}

static int show_cpuinfo(struct seq_file *m, void *v)
{
	unsigned int cpu = (unsigned long)v - 1;
	u32 leaf0[4], leaf1[4], addresses[4];
	u32 vendor[4] = { 0 };

	ask(0, 0, leaf0);
	ask(1, 0, leaf1);
	ask(LEAF_ADDRESSES, 0, addresses);
	vendor[0] = leaf0[EBX];
	vendor[1] = leaf0[EDX];
	vendor[2] = leaf0[ECX];
	seq_printf(m, "processor\t: %u\n", cpu);
	seq_printf(m, "vendor_id\t: %s\n", (char *)vendor);
	seq_printf(m, "cpu family\t: %u\n", (leaf1[EAX] >> 8 & 0xf) + (leaf1[EAX] >> 20 & 0xff));
	seq_printf(m, "model\t\t: %u\n", (leaf1[EAX] >> 4 & 0xf) | (leaf1[EAX] >> 12 & 0xf0));
	show_brand(m);
	seq_printf(m, "stepping\t: %u\n", leaf1[EAX] & 0xf);
	seq_printf(m, "cpu MHz\t\t: %llu\n", div_u64(purlin_tsc_hz, 1000000));
	show_place(m, cpu);
	seq_printf(m, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n",
		   leaf0[EAX]);
	show_features(m);
	seq_printf(m, "bogomips\t: %lu.%02lu\n", loops_per_jiffy / (500000 / HZ),
		   (loops_per_jiffy / (5000 / HZ)) % 100);
	seq_printf(m, "clflush size\t: %u\ncache_alignment\t: %u\n", (leaf1[EBX] >> 8 & 0xff) * 8,
		   (leaf1[EBX] >> 8 & 0xff) * 8);
	seq_printf(m, "address sizes\t: %u bits physical, %u bits virtual\n\n",
		   addresses[EAX] & 0xff, addresses[EAX] >> 8 & 0xff);
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
