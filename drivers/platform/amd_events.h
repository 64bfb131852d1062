/* SPDX-License-Identifier: MIT */
/* What a unit of AMD's stopped (48882, 2.5). */
#ifndef PLATFORM_AMD_EVENTS_H
#define PLATFORM_AMD_EVENTS_H

#include "amd_unit.h"
#include "dma_domain.h"

/*
 * Have the unit send this message when it has stopped something. Its own PCI function sends it, as
 * MSI. False: that function has no MSI.
 */
bool amd_events_start(const struct pci_function *function,
		      const struct message_interrupt *interrupt);

/* Take the next event that concerns a function. False: there is none. */
bool amd_event_next(struct amd_unit *unit, struct dma_fault *fault);

#endif
