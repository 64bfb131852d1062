/* SPDX-License-Identifier: MIT */
/* Functions that one component has and another is to have: DEVICES_MOVE. */
#ifndef PLATFORM_PCI_MOVE_H
#define PLATFORM_PCI_MOVE_H

#include "pci_state.h"

/* Whether both are moved together. */
bool pci_move_together(const struct pci_server *server, const struct pci_function *one,
		       const struct pci_function *other);
/* Reserve the function, and those that go with it, for the component, and ask for them. */
purlin_s64 pci_move(struct pci_server *server, struct pci_function *function,
		    const char *component);

/* For the thread that waits (slot_watch.c): what owners have given back, and have not in time. */
void pci_move_look(struct pci_server *server);
/* When to look at the latest; ALARM_NEVER: when an owner gives something back. */
uint64_t pci_move_deadline(const struct pci_server *server);

#endif
