/* SPDX-License-Identifier: MIT */
/* Reports accesses that the IOMMU stopped, to the log and to the device's owner. */
#ifndef PLATFORM_PCI_FAULTS_H
#define PLATFORM_PCI_FAULTS_H

#include "pci_session.h"
#include "runtime/server.h"

/* Take some of what was recorded. True: there may be more. */
bool pci_faults_note(struct pci_server *server);

/* The word of PCI_FAULTS that says what it was. */
purlin_u64 pci_fault_reason(const struct dma_fault *fault);

/* PCI_FAULTS of session/pci.h. */
purlin_s64 pci_faults_tell(struct pci_session *session, struct request *request);

/* Begin to watch, with a thread of its own. Without an IOMMU there is nothing to watch. */
purlin_s64 pci_faults_watch(struct pci_server *server, purlin_u64 component);

#endif
