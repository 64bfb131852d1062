/* SPDX-License-Identifier: MIT */
/* The MSI-X table of an assigned function: the real one, written by the platform only. */
#ifndef PLATFORM_DEVICE_MSIX_H
#define PLATFORM_DEVICE_MSIX_H

#include "device_messages.h"

/* Pages of a BAR that the client does not get, as they hold the MSI-X table. False: none. */
bool device_msix_pages(const struct device_msi *device, unsigned int bar, uint64_t *first,
		       uint64_t *count);

/*
 * Map the table and mask every entry. `entries` stays 0, and the log says why, if MSI-X cannot be
 * used: MSI and INTx remain.
 */
void device_msix_start(struct device_msi *device);

/*
 * Map an open table, once its client may have the BAR and before anything is allocated. False: it
 * cannot be mapped.
 */
bool device_msix_open(struct device_msi *device);

/*
 * The client wrote the control word of MSI-X: write an open table again, whatever the client has
 * made of it.
 */
void device_msix_refresh(struct device_msi *device);

/* Mask every entry. */
void device_msix_mask(struct device_msi *device);
/* Write one entry as its interrupt is now. */
void device_msix_program(struct device_msi *device, unsigned int index);
/* Unmap the table. Its interrupts must have been given back before. */
void device_msix_stop(struct device_msi *device);

#endif
