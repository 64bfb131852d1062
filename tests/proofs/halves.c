/* SPDX-License-Identifier: MIT */
/* A batch's range of pages lies whole in one half of the guest's addresses, however long it says it
 * is. */
#include "object/guest.h"
#include "proof.h"

int main(void)
{
	uint64_t address = any(), pages = any(), page = any(), at;
	enum half half;

	assume(address % PAGE_SIZE == 0 && page < pages);
	half = range_half(address, pages);
	at = address + page * PAGE_SIZE;
	if (half == HALF_LOWER)
		prove(page < 1ull << 36 && at < PURLIN_GUEST_USER_END && at >= address,
		      "lower: every page is the process's");
	if (half == HALF_UPPER)
		prove(page < 1ull << 36 && at >= PURLIN_GUEST_KERNEL_BASE && at >= address,
		      "upper: every page is the guest kernel's, none wraps");
	return 0;
}
