/* SPDX-License-Identifier: MIT */
/* MSI and MSI-X of an assigned function: the real registers, written by the platform only. */
#ifndef PLATFORM_DEVICE_MSI_H
#define PLATFORM_DEVICE_MSI_H

#include "device_messages.h"

/* The message of that kind and index, whether it is allocated or not; NULL: there is none. */
struct message_interrupt *device_msi_find(struct device_msi *device, unsigned int kind,
					  unsigned int index);

/* How many messages of MSI there can be. */
void device_msi_start(struct device_msi *device);

/* The function masks its messages of that kind one by one: none is lost while another is held back.
 */
bool device_msi_masks(const struct device_msi *device, unsigned int kind);

/* kind: PCI_MSI or PCI_MSIX of session/pci.h. The capability's slot goes to *slot. */
purlin_s64 device_msi_allocate(struct device_msi *device, unsigned int kind, unsigned int index,
			       purlin_u64 *slot);
purlin_s64 device_msi_free(struct device_msi *device, unsigned int kind, unsigned int index);

/* Write again what the interrupt has become: held back, or not any more. */
void device_msi_reprogram(struct device_msi *device, unsigned int kind, unsigned int index);

/* Make the real enable bits follow the client's wishes. */
void device_msi_update(struct device_msi *device);
/* Switch both off and mask the table. */
void device_msi_silence(struct device_msi *device);
/* Write again everything that a reset has lost. */
void device_msi_restore(struct device_msi *device);
/* Give all messages back. */
void device_msi_stop(struct device_msi *device);

#endif
