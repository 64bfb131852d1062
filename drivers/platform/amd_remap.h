/* SPDX-License-Identifier: MIT */
/*
 * Interrupt remapping (48882, 2.2.5): each number has a table of its own, so that a message leads
 * only where its source was allowed to. The low bits of a message's data name the entry. An I/O
 * APIC goes on sending vectors as data: its table has, for each vector, an entry for the same one.
 */
#ifndef PLATFORM_AMD_REMAP_H
#define PLATFORM_AMD_REMAP_H

#include "amd_unit.h"
#include "dma_domain.h"

/*
 * Called when all units are prepared and none has begun. NULL: messages are remapped as soon as
 * they begin, and others blocked. Else the reason why not.
 */
const char *amd_remap_prepare(struct amd_unit *units, const struct ivrs *ivrs);

/* The table for messages of this source, made at the first call and kept for good; 0: no memory. */
uint64_t amd_messages_table(struct amd_unit *unit, uint16_t source);

/* Entries for the messages of one capability. False: there are not so many in a row. */
bool amd_remap_block(struct amd_unit *unit, const struct pci_function *function,
		     struct message_block *block);
void amd_remap_block_end(struct amd_unit *unit, const struct pci_function *function,
			 const struct message_block *block);

/*
 * Replace address and data of the message by those that the function has to write, so that the same
 * interrupt comes. NO_DEVICE: no entry is left, or the unit does not answer.
 */
purlin_s64 amd_remap_message(struct amd_unit *unit, const struct pci_function *function,
			     struct message_interrupt *interrupt);
/* True: the unit has confirmed that the message causes nothing any more. */
bool amd_remap_end(struct amd_unit *unit, const struct message_interrupt *interrupt);

#endif
