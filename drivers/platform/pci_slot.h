/* SPDX-License-Identifier: MIT */
/*
 * Slots that are emptied and filled at run time (PCI Express 5.0, 6.7). EMPTY -> a card is there:
 * power on, wait for it, find what it has -> FULL -> somebody presses the button: tell the owners
 * -> LEAVING -> all is released, or PCI_LEAVING_TIME is over: power off -> VACATED -> EMPTY. A card
 * that is pulled out without a word: FULL or LEAVING -> VACATED. In VACATED nobody's card is let in
 * until the owners of the last one have released it: their registers are at its addresses.
 */
#ifndef PLATFORM_PCI_SLOT_H
#define PLATFORM_PCI_SLOT_H

#include "pci_state.h"

enum slot_state { SLOT_EMPTY, SLOT_FULL, SLOT_LEAVING, SLOT_VACATED };

struct pci_slot {
	struct pci_function *port;
	enum slot_state state;
	uint64_t noticed;  /* when there was a card in it */
	uint64_t deadline; /* LEAVING */
	bool parked;	   /* emptied by its button: the card may be in it still */
};

/* Begin to watch the slot. A card that is in it at the start is powered already. */
void pci_slot_start(struct pci_server *server, struct pci_slot *slot);

/* Look what has changed in the slot, if anything. Pauses (turn.h). */
void pci_slot_look(struct pci_server *server, struct pci_slot *slot);

#endif
