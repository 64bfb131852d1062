// SPDX-License-Identifier: MIT
/*
 * Kernel memory under AddressSanitizer: what is free is poisoned. The linker sends calls of the
 * wrapped functions here (--wrap); account.c itself may touch free memory (it keeps its chain
 * there).
 */
#include <stdlib.h>

#include "base/pages.h"
#include "debug/log.h"
#include "host.h"
#include "object/account.h"

#include <sanitizer/asan_interface.h>

#define ALLOCATIONS_MAX 65536

static struct allocation {
	char *start;
	size_t bytes;
} allocations[ALLOCATIONS_MAX];
static size_t allocation_count;

void (*host_pages_freed)(struct physical base, uint64_t pages);

void *__real_account_allocate(struct account *account, size_t bytes);
void __real_account_free(struct account *account, void *memory);
struct physical __real_pages_allocate(uint64_t pages, uint64_t align, uint64_t limit);
void __real_pages_free(struct physical base, uint64_t pages);
void *__wrap_account_allocate(struct account *account, size_t bytes);
void __wrap_account_free(struct account *account, void *memory);
struct physical __wrap_pages_allocate(uint64_t pages, uint64_t align, uint64_t limit);
void __wrap_pages_free(struct physical base, uint64_t pages);
status __real_page_run_round(struct page_run *run);
status __wrap_page_run_round(struct page_run *run);

status __real_account_charge(struct account *account, uint64_t pages);
status __wrap_account_charge(struct account *account, uint64_t pages);

/* Is this the allocation that the test wants to fail, or one after it? */
static bool fails(void)
{
	host.asked++;
	if (!host.fail_at)
		return host.failed && host.fail_on;
	if (--host.fail_at)
		return false;
	host.failed = true;
	return true;
}

status __wrap_account_charge(struct account *account, uint64_t pages)
{
	return fails() ? PURLIN_NO_MEMORY : __real_account_charge(account, pages);
}

void *__wrap_account_allocate(struct account *account, size_t bytes)
{
	char *start = fails() ? NULL : __real_account_allocate(account, bytes);

	if (!start)
		return NULL;
	kernel_assert(allocation_count < ALLOCATIONS_MAX);
	allocations[allocation_count++] = (struct allocation){ start, bytes };
	__asan_unpoison_memory_region(start, bytes);
	return start;
}

void __wrap_account_free(struct account *account, void *memory)
{
	for (size_t i = allocation_count; i-- > 0;) {
		struct allocation found = allocations[i];

		if ((char *)memory < found.start || (char *)memory >= found.start + found.bytes)
			continue;
		allocations[i] = allocations[--allocation_count];
		__real_account_free(account, memory);
		__asan_poison_memory_region(found.start, found.bytes);
		return;
	}
	panic("%p: freed, but not allocated", memory);
}

struct physical __wrap_pages_allocate(uint64_t pages, uint64_t align, uint64_t limit)
{
	struct physical base = fails() ? PHYSICAL_NONE : __real_pages_allocate(pages, align, limit);

	if (physical_valid(base))
		__asan_unpoison_memory_region(arch_physical_to_kernel(base), pages * PAGE_SIZE);
	return base;
}

status __wrap_page_run_round(struct page_run *run)
{
	/* With nothing taken it may say so at any time. */
	status result = !run->taken && fails() ? PURLIN_NO_MEMORY : __real_page_run_round(run);
	struct physical base = { (run->end - run->pages) << PAGE_SHIFT };

	if (result == PURLIN_OK)
		__asan_unpoison_memory_region(arch_physical_to_kernel(base),
					      run->pages * PAGE_SIZE);
	return result;
}

void __wrap_pages_free(struct physical base, uint64_t pages)
{
	if (host_pages_freed)
		host_pages_freed(base, pages);
	__asan_poison_memory_region(arch_physical_to_kernel(base), pages * PAGE_SIZE);
	__real_pages_free(base, pages);
}

/* For account.c: memset on memory that is about to be handed out. */
__attribute__((no_sanitize("address"))) void *host_memset(void *to, int value, size_t bytes)
{
	volatile char *at = to;

	while (bytes--)
		*at++ = (char)value;
	return to;
}

size_t host_allocations(void)
{
	return allocation_count;
}
