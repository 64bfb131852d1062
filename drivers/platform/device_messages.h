/* SPDX-License-Identifier: MIT */
/* What device_msi.c and device_msix.c keep of an assigned function's messages. */
#ifndef PLATFORM_DEVICE_MESSAGES_H
#define PLATFORM_DEVICE_MESSAGES_H

#include "config_filter.h"
#include "dma_domain.h"
#include "pci_registers.h"

struct device_msi {
	const struct pci_function *function;
	const struct config_filter *filter; /* what the client wishes */
	struct dma_domain *domain;
	struct message_block block; /* of MSI */
	unsigned int messages;	    /* of MSI that the client may use */
	bool maskable;		    /* one by one */
	bool stopped;		    /* silent for good: nothing is enabled any more */
	struct message_interrupt msi[MSI_MESSAGES];
	unsigned int entries; /* of the MSI-X table; 0: no MSI-X for the client */
	unsigned int bar;     /* where the table lies, in bytes from the BAR's start */
	uint64_t offset;
	struct message_interrupt *entry;
	volatile uint32_t *table;
	bool open; /* registers share pages with the table, and the client has them all */
	struct resource pages; /* open: those of the table */
};

#endif
