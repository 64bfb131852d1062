/* SPDX-License-Identifier: MIT */
/*
 * The thread that waits for what ports tell, slots that are emptied and filled, and errors; and for
 * owners that give back what is to be moved.
 */
#ifndef PLATFORM_SLOT_WATCH_H
#define PLATFORM_SLOT_WATCH_H

#include "pci_state.h"

/* Ports tell nothing on a machine whose firmware keeps them to itself. */
purlin_s64 slot_watch_start(struct pci_server *server, purlin_u64 component);

#endif
