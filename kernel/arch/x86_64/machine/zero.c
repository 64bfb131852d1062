// SPDX-License-Identifier: MIT
/*
 * Looking for pages that are zero. All memory that the machine's components are given is looked at
 * when it is given, so this is much of a start: by vector registers, where the processor has AVX.
 * These are the current thread's, and kept in its state meanwhile.
 */
#include "arch/cpu.h"
#include "arch/machine.h"
#include "arch/switch.h"
#include "base/arch.h"
#include "base/pages.h"

#define STEP 512 /* bytes: sixteen registers */
#define STEP_WORDS 8
#define PAGES_AT_ONCE 4 /* before it is seen whether an interrupt waits */

static bool words_are_zero(const uint64_t *word)
{
	const uint64_t *end = word + PAGE_SIZE / sizeof(*word);

	for (; word < end; word += STEP_WORDS)
		if (word[0] | word[1] | word[2] | word[3] | word[4] | word[5] | word[6] | word[7])
			return false;
	return true;
}

static bool vectors_are_zero(const char *page)
{
	const char *end = page + PAGE_SIZE;
	bool zero;

	__asm__ volatile("vxorps %%ymm0, %%ymm0, %%ymm0\n"
			 "1:\n\t"
			 ".set place, 0\n\t"
			 ".rept %c3 / 32\n\t"
			 "vorps place(%1), %%ymm0, %%ymm0\n\t"
			 ".set place, place + 32\n\t"
			 ".endr\n\t"
			 "add %3, %1\n\t"
			 "cmp %2, %1\n\t"
			 "jb 1b\n\t"
			 "vptest %%ymm0, %%ymm0"
			 : "=@ccz"(zero), "+r"(page)
			 : "r"(end), "i"(STEP)
			 : "memory");
	return zero;
}

static bool is_zero(const void *page, bool vectors)
{
	return vectors ? vectors_are_zero(page) : words_are_zero(page);
}

static uint64_t look(const char *page, uint64_t pages, bool vectors)
{
	uint64_t i = 0;

	while (i < pages && is_zero(page, vectors)) {
		page += PAGE_SIZE;
		if (++i % PAGES_AT_ONCE == 0 && arch_preemption_pending())
			break;
	}
	return i;
}

uint64_t arch_pages_zero(struct physical first, uint64_t pages)
{
	const struct thread *current = arch_current();
	const char *page = arch_physical_to_kernel(first);
	uint64_t found;

	/* Before the first thread there is nowhere to keep them, nor a reason for haste. */
	if (!current || !(cpu_features.found & FEATURE_BIT(FEATURE_AVX)))
		return look(page, pages, false);
	fpu_save(current->arch.fpu);
	found = look(page, pages, true);
	fpu_load(current->arch.fpu);
	return found;
}
