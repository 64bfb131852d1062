/* SPDX-License-Identifier: MIT */
/* What each client of session/pci.h has, and all clients together. */
#ifndef PLATFORM_PCI_STATE_H
#define PLATFORM_PCI_STATE_H

#include "device.h"
#include "policy.h"
#include "session/parent.h"
#include "session/pci.h"

#define SESSION_DMA_MAPPINGS PCI_DMA_MOST
#define SESSION_LINES 16

/* Memory the session's devices may reach, and where they see it. pin.id 0: none. */
struct dma_mapping {
	struct pin pin;
	uint64_t address;
};

/* An interrupt line; several devices of the session may share it. slot 0: none. */
struct line {
	struct resource resource;
	struct route route;
	struct shared_line *shared; /* others may have devices on it, too */
	uint32_t storms;	    /* that were seen (storms.h) */
};

/* What the IOMMU stopped. */
struct session_fault {
	purlin_u64 signal; /* slot of the client's, 0: none */
	uint64_t count;
	uint16_t bdf; /* the client's */
	struct dma_fault last;
};

/* Interrupts that came too fast. */
struct session_storm {
	purlin_u64 signal; /* slot of the client's, 0: none */
	uint64_t count;
	uint16_t bdf; /* the client's; of the last */
	unsigned int kind, index;
};

struct pci_awaiting;
struct serving_thread;
struct shared_line;

struct pci_session {
	struct pci_session *next;
	purlin_u64 badge;
	purlin_u64 endpoint;	       /* slot: here its requests arrive, ... */
	struct serving_thread *thread; /* ... and are served */
	bool ending;
	char label[PARENT_LABEL_BYTES + 1];
	struct dma_domain domain;
	struct session_fault fault;
	struct session_storm storm;
	struct policy policy;
	struct assignments assignments;
	struct resource changed; /* soft interrupt: devices have come or gone */
	struct device *devices;
	unsigned int messages; /* interrupts of its devices, MSI and MSI-X */
	struct dma_mapping mapping[SESSION_DMA_MAPPINGS];
	struct line line[SESSION_LINES];
};

/* All PCI sessions and what they choose from. */
struct pci_server {
	struct pci_tree tree;
	struct acpi_description acpi;
	const struct dma_domain_type *dma; /* what this machine has */
	struct pci_session *sessions;
	struct pci_awaiting *awaiting; /* of components that do not run */
	uint64_t changes;	       /* of what each session has */
	purlin_u64 slots; /* signal: to be notified when slots and moves are to be looked at */
};

#endif
