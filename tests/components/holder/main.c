/* SPDX-License-Identifier: MIT */
/*
 * Has a device, with an interrupt and memory, and keeps it: others look at who has what.
 * HOLDER_ENDS 1: it ends at once.
 */
#include <stdbool.h>
#include <stdio.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/session.h"
#include "runtime/slots.h"

static bool hold(purlin_u64 session)
{
	purlin_u64 bdf, id, class_revision, irq, flags, gsi, memory, address;
	void *at;

	return !pci_device(session, 0, &bdf, &id, &class_revision) &&
	       !pci_intx(session, bdf, &irq, &flags, &gsi) &&
	       !memory_new_mapped(2, PURLIN_MEMORY_CONTIGUOUS, &memory, &at) &&
	       !pci_dma_map(session, memory, &address);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session, bits, signal = slot_reserve();

	(void)argument;
	if (session_open("PCI", "held", &session)) {
		printf("refused\n");
		return 0;
	}
	if (purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal) || !hold(session))
		return 1;
	printf("holding\n");
	if (HOLDER_ENDS)
		return 0;
	for (;;)
		(void)purlin_signal_wait(signal, &bits);
}
