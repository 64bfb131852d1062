/* SPDX-License-Identifier: MIT */
/*
 * Interrupt remapping (VT-d 4.1, chapter 5): a message names an entry, and the entry says which
 * vector of which processor is meant, and whose message it must be. Messages of the old format are
 * blocked. Entries of I/O APICs are there from the start, one for each vector and trigger, and only
 * their own source may use them; the kernel chooses among them (irq_remap).
 */
#ifndef PLATFORM_VTD_REMAP_H
#define PLATFORM_VTD_REMAP_H

#include "dma_domain.h"
#include "dmar.h"
#include "vtd_unit.h"

/*
 * Called when all units have begun to translate. NULL: messages are remapped from now on, and
 * others blocked. Else the reason why not; *held: a unit remapped before, and may still use its old
 * table.
 */
const char *vtd_remap_start(struct vtd_unit *units, const struct dmar *dmar,
			    const struct pci_tree *tree, bool *held);

/* Entries for the messages of one capability. False: there are not so many in a row. */
bool vtd_remap_block(struct vtd_unit *unit, struct message_block *block);
void vtd_remap_block_end(struct vtd_unit *unit, const struct message_block *block);

/*
 * Replace address and data of the message by those that the function has to write, so that the same
 * interrupt comes. NO_DEVICE: no entry is left, or the unit does not answer.
 */
purlin_s64 vtd_remap_message(struct vtd_unit *unit, const struct pci_function *function,
			     struct message_interrupt *interrupt);
/* True: the unit has confirmed that the message causes nothing any more. */
bool vtd_remap_end(struct vtd_unit *unit, const struct message_interrupt *interrupt);

#endif
