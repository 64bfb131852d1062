/* SPDX-License-Identifier: MIT */
/* MSI and MSI-X of an assigned function: the real registers, written by the platform only. */
#ifndef PLATFORM_DEVICE_MSI_H
#define PLATFORM_DEVICE_MSI_H

#include "device.h"

/* Pages of a BAR that hold the MSI-X table. False: not this BAR. */
bool device_msix_pages(const struct device *device, unsigned int bar, uint64_t *first,
		       uint64_t *count);

/* Map the table and mask every entry. msix_count stays 0, and the log says why, if MSI-X cannot be
 * used: MSI and INTx remain. */
void device_msix_start(struct device *device);

/* kind: PCI_MSI or PCI_MSIX of session/pci.h. The capability's slot goes to *slot. */
purlin_s64 device_msi_allocate(struct device *device, unsigned int kind, unsigned int index,
			       purlin_u64 *slot);
purlin_s64 device_msi_free(struct device *device, unsigned int kind, unsigned int index);

/* Make the real enable bits follow the client's wishes. */
void device_msi_update(struct device *device);
/* Both off, table masked. */
void device_msi_silence(struct device *device);
/* Write all again that a reset lost. */
void device_msi_restore(struct device *device);
/* Give everything back. */
void device_msi_stop(struct device *device);

#endif
