/* SPDX-License-Identifier: MIT */
/* The attachment found holds all pages asked for, and one that does is found. */
#include "kernel/object/attachment.c"
#include "proof.h"

#define ATTACHMENTS 2
#define ADDRESS_END (1ull << 32)

int main(void)
{
	static struct guest guest;
	static struct attachment attachment[ATTACHMENTS];
	struct attachment *found;
	uint64_t address = any(), pages = any(), end = 0, which = any();

	guest.attachments = (unsigned int)any();
	assume(guest.attachments <= ATTACHMENTS && which < guest.attachments);
	for (unsigned int i = 0; i < ATTACHMENTS; i++) {
		struct attachment *at = &attachment[i];

		at->address = any();
		at->pages = any();
		at->dying = any_bool();
		/* As guest_attach keeps them: pages, in order, apart from each other. */
		assume(at->address % PAGE_SIZE == 0 && at->address >= end);
		assume(at->address < ADDRESS_END && at->pages);
		assume(at->pages <= (ADDRESS_END - at->address) / PAGE_SIZE);
		end = at->address + at->pages * PAGE_SIZE;
		guest.attachment[i] = at;
	}
	assume(pages);
	found = guest_find(&guest, address, pages);
	if (found) {
		uint64_t offset = address - found->address;

		prove(!found->dying, "none that is being removed");
		prove(address >= found->address && offset < found->pages * PAGE_SIZE &&
			      pages <= found->pages - offset / PAGE_SIZE,
		      "all pages lie in the attachment");
	}
	if (!attachment[which].dying && address >= attachment[which].address &&
	    address - attachment[which].address < attachment[which].pages * PAGE_SIZE &&
	    pages <= attachment[which].pages - (address - attachment[which].address) / PAGE_SIZE)
		prove(found == &attachment[which], "what lies in an attachment is found there");
	return 0;
}
