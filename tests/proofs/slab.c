/* SPDX-License-Identifier: MIT */
/* Slots are large enough, lie wholly in their page after its header, and do not overlap. */
#include "kernel/object/slab.c"
#include "proof.h"

static struct account account;
static char page[PAGE_SIZE] __attribute__((aligned(4096)));

struct physical account_page(struct account *payer)
{
	(void)payer;
	return (struct physical){ 0 };
}

void *arch_physical_to_kernel(struct physical address)
{
	(void)address;
	return page;
}

static void slots_of(unsigned int kind)
{
	struct slab *slab;
	char *last = page + PAGE_SIZE;

	list_init(&account.slabs[kind]);
	memset(page, 0, SLAB_HEADER);
	slab = slab_create(&account, kind);
	prove(slab->free, "at least one slot");
	for (char *slot = slab->free; slot; slot = *(char **)slot) {
		prove(slot + slot_bytes[kind] <= last, "each ends before the last begins");
		prove(slot >= page + SLAB_HEADER, "behind the header");
		last = slot;
	}
}

int main(void)
{
	size_t bytes = any();
	unsigned int kind = kind_of(bytes);

	prove(kind < SLAB_KINDS || bytes > slot_bytes[SLAB_KINDS - 1],
	      "no kind only for what is larger than the largest");
	prove(kind == SLAB_KINDS || slot_bytes[kind] >= bytes, "large enough");
	prove(kind == 0 || slot_bytes[kind - 1] < bytes, "and the smallest that is");
	for (unsigned int each = 0; each < SLAB_KINDS; each++)
		slots_of(each);
	return 0;
}
