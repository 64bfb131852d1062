/* SPDX-License-Identifier: MIT */
/* MSI and MSI-X of an assigned function: the real registers, written by the platform only. */
#ifndef PLATFORM_DEVICE_MSI_H
#define PLATFORM_DEVICE_MSI_H

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

/* Pages of a BAR that the client does not get, as they hold the MSI-X table. False: none. */
bool device_msix_pages(const struct device_msi *device, unsigned int bar, uint64_t *first,
		       uint64_t *count);

/* The message of that kind and index, whether it is allocated or not; NULL: there is none. */
struct message_interrupt *device_msi_find(struct device_msi *device, unsigned int kind,
					  unsigned int index);

/* How many messages of MSI there can be. */
void device_msi_start(struct device_msi *device);
/* Map the table and mask every entry. `entries` stays 0, and the log says why, if MSI-X cannot be
 * used: MSI and INTx remain. */
void device_msix_start(struct device_msi *device);

/* The function masks its messages of that kind one by one: none is lost while another is held back.
 */
bool device_msi_masks(const struct device_msi *device, unsigned int kind);

/* An open table is mapped once its client may have its BAR, before anything is allocated. False: it
 * cannot be. */
bool device_msix_open(struct device_msi *device);

/* kind: PCI_MSI or PCI_MSIX of session/pci.h. The capability's slot goes to *slot. */
purlin_s64 device_msi_allocate(struct device_msi *device, unsigned int kind, unsigned int index,
			       purlin_u64 *slot);
purlin_s64 device_msi_free(struct device_msi *device, unsigned int kind, unsigned int index);

/* Write again what the interrupt has become: held back, or not any more. */
void device_msi_reprogram(struct device_msi *device, unsigned int kind, unsigned int index);

/* The client wrote the control word of MSI-X: an open table is written again, whatever the client
 * has made of it. */
void device_msix_refresh(struct device_msi *device);
/* Make the real enable bits follow the client's wishes. */
void device_msi_update(struct device_msi *device);
/* Both off, table masked. */
void device_msi_silence(struct device_msi *device);
/* Write all again that a reset lost. */
void device_msi_restore(struct device_msi *device);
/* Give everything back. */
void device_msi_stop(struct device_msi *device);

#endif
