/* SPDX-License-Identifier: MIT */
/* Whatever a guest's page table says, the entries made of it map the guest's own memory with no
 * more rights than it has. */
#include "kernel/arch/x86_64/guest/batch_map.c"
#include "proof.h"

#define PAGES 2
#define PHYSICAL_BITS 40

uint64_t pte_bits(uint32_t rights)
{
	return PTE_PRESENT | PTE_USER | (rights & PURLIN_MAP_WRITE ? PTE_WRITE : 0) |
	       (rights & PURLIN_MAP_EXECUTE ? 0 : PTE_NX);
}

/* As in guest.c: no more than the attachment has. */
bool attachment_rights(const struct attachment *attachment, uint32_t rights, uint32_t *resolved)
{
	const uint32_t access = PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE;

	*resolved = rights;
	return !(rights & access & ~attachment->rights);
}

int main(void)
{
	static struct attachment attachment;
	static struct vcpu vcpu;
	static uint64_t table[TABLE_ENTRIES], source[PAGES];
	struct batch_run run = { .vcpu = &vcpu };
	uint64_t address = 0x405000, done, which = any(), entry, old;

	attachment.address = any();
	attachment.pages = any();
	attachment.base.value = any();
	attachment.rights = (uint32_t)any();
	assume(!(attachment.address % PAGE_SIZE) && attachment.address < 1ull << PHYSICAL_BITS);
	assume(!(attachment.base.value % PAGE_SIZE) &&
	       attachment.base.value < 1ull << PHYSICAL_BITS);
	assume(attachment.pages && attachment.pages < 1ull << 20);
	vcpu.last.attachment = &attachment;
	vcpu.last.table = table;
	/* What was remembered before, if it could be. */
	assume(remember_flags(&vcpu.last, any() & PURLIN_ENTRY_RIGHTS));
	for (unsigned int i = 0; i < PAGES; i++)
		source[i] = any();
	assume(table_index(address, 0) + PAGES <= TABLE_ENTRIES && which < PAGES);
	old = any();
	table[table_index(address, 0) + which] = old;
	done = follow(&run, address, source, PAGES);
	entry = table[table_index(address, 0) + which];
	prove(done <= PAGES, "no further than asked");
	prove(which < done || entry == old, "nothing beyond is touched");
	if (which >= done || !(entry & PTE_PRESENT))
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
	prove(old == entry || !(old & PTE_PRESENT) || run.lower.everything || run.lower.count,
	      "what was exchanged gets flushed");
	return 0;
}
