/* SPDX-License-Identifier: MIT */
/* Requests of session/pci.h about base address registers. */
#ifndef PLATFORM_BAR_REQUESTS_H
#define PLATFORM_BAR_REQUESTS_H

#include "pci_session.h"
#include "runtime/server.h"

/* PCI_BAR_* of session/pci.h, of one that is there. */
purlin_u64 bar_kind(const struct pci_bar *bar);
/* Whether it lies there as a whole. */
bool bar_in_window(const struct pci_bar *bar, const struct acpi_window *window);

purlin_s64 bar_describe(const struct pci_server *server, const struct pci_session *session,
			struct device *device, struct request *request);
purlin_s64 bar_piece(const struct pci_server *server, const struct pci_session *session,
		     struct device *device, struct request *request);

/* NO_RIGHT, NO_DEVICE: the client may not have the pages with its open MSI-X table (device_msi.h).
 */
purlin_s64 bar_check_table(const struct pci_server *server, const struct pci_session *session,
			   struct device *device);

#endif
