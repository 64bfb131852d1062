/* SPDX-License-Identifier: MIT */
/* Whatever a guest's page table says, the entries made of it map the guest's own memory with no
 * more rights than it has. */
#include "kernel/object/batch_follow.c"
#include "proof.h"

#define PAGES 2
#define PHYSICAL_BITS 40

static struct attachment attachment;

/* As it was proved for guest_find.c: the attachment that has the page, or none. */
struct attachment *guest_find(const struct guest *guest, uint64_t address, uint64_t pages)
{
	(void)guest;
	(void)pages;
	return address - attachment.address < attachment.pages * PAGE_SIZE ? &attachment : NULL;
}

int main(void)
{
	static struct guest guest;
	static struct vcpu vcpu;
	static uint64_t table[TABLE_ENTRIES], source[PAGES];
	struct batch batch = { .vcpu = &vcpu, .guest = &guest };
	uint64_t address = 0x405000, which = any(), entry, old;
	status result;

	attachment.address = any();
	attachment.pages = any();
	attachment.base.value = any();
	attachment.rights = (uint32_t)any();
	assume(!(attachment.address % PAGE_SIZE) && attachment.address < 1ull << PHYSICAL_BITS);
	assume(!(attachment.base.value % PAGE_SIZE) &&
	       attachment.base.value < 1ull << PHYSICAL_BITS);
	assume(attachment.pages && attachment.pages < 1ull << 20);
	/* As guest_attach leaves them. */
	assume(attachment.rights <= PURLIN_MAP_VALID && (attachment.rights & MEMORY_CACHE_MASK));
	/* What was remembered before, if it could be. */
	if (any_bool())
		assume(entry_resolve(&batch, any()));
	else
		vcpu.recent.flags = NO_FLAGS;
	for (unsigned int i = 0; i < PAGES; i++)
		source[i] = any();
	assume(table_index(address, 0) + PAGES <= TABLE_ENTRIES && which < PAGES);
	old = any();
	table[table_index(address, 0) + which] = old;
	result = entries_follow(&batch, address, &table[table_index(address, 0)], source, PAGES,
				&batch.lower);
	entry = table[table_index(address, 0) + which];
	prove(result == PURLIN_OK || result == PURLIN_BAD_ARGUMENT, "done, or refused");
	if (result == PURLIN_OK)
		prove(!arch_guest_entry_held(source[which]) == !(entry & PTE_PRESENT),
		      "mapped if the guest maps it");
	/* Refused: what stands behind the bad entry is as it was. */
	if ((result != PURLIN_OK && entry == old) || !(entry & PTE_PRESENT))
		return 0;
	prove((entry & PTE_ADDRESS) >= attachment.base.value &&
		      (entry & PTE_ADDRESS) - attachment.base.value < attachment.pages * PAGE_SIZE,
	      "the page is of the attachment");
	prove((entry & PTE_ADDRESS) - attachment.base.value ==
		      (source[which] & PTE_ADDRESS) - attachment.address,
	      "and the one the guest named");
	prove(!(entry & PTE_WRITE) || (attachment.rights & PURLIN_MAP_WRITE),
	      "writable only where the guest may write");
	prove(!(entry & PTE_WRITE) || (source[which] & PURLIN_ENTRY_DIRTY),
	      "and where it wants to");
	prove((entry & PTE_NX) || (attachment.rights & PURLIN_MAP_EXECUTE),
	      "executable only where the guest may");
	prove(old == entry || !(old & PTE_PRESENT) || batch.lower.everything || batch.lower.count,
	      "what was exchanged gets flushed");
	return 0;
}
