/* SPDX-License-Identifier: MIT */
/* Sessions of session/pci.h: what each client has. */
#ifndef PLATFORM_PCI_SESSION_H
#define PLATFORM_PCI_SESSION_H

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
};

/* What the IOMMU stopped. */
struct session_fault {
	purlin_u64 signal; /* slot of the client's, 0: none */
	uint64_t count;
	uint16_t bdf; /* the client's */
	struct dma_fault last;
};

struct serving_thread;

struct pci_session {
	struct pci_session *next;
	purlin_u64 badge;
	purlin_u64 endpoint;	       /* slot: here its requests arrive, ... */
	struct serving_thread *thread; /* ... and are served */
	bool ending;
	char label[PARENT_LABEL_BYTES + 1];
	struct dma_domain domain;
	struct session_fault fault;
	struct assignments assignments;
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
	uint64_t changes; /* of what each session has */
};

/*
 * A session and the functions that are going to be its devices, which nobody else gets from now on.
 * words: those after the label in SERVER_OPEN.
 */
purlin_s64 pci_session_new(struct pci_server *server, purlin_u64 badge, const char *label,
			   const purlin_u64 *words, unsigned int count,
			   struct pci_session **created);
/* Take the functions out of their rest. Pauses; the session may be ended after a failure only. */
purlin_s64 pci_session_start(struct pci_session *session);
/* Give back all it has. Pauses. */
void pci_session_end(struct pci_server *server, struct pci_session *session);

/* NULL: no session has this badge, or it is ending. */
struct pci_session *pci_session_find(struct pci_server *server, purlin_u64 badge);

struct device *pci_session_device(struct pci_session *session, purlin_u64 bdf);

purlin_s64 pci_session_intx(struct pci_server *server, struct pci_session *session,
			    struct device *device, purlin_u64 *slot);

/* What of a memory object is to be mapped, and where; pages ~0: all. */
struct dma_wish {
	uint64_t address;
	uint64_t first;
	uint64_t pages;
};

/* The slot holds the memory object and is taken over. */
purlin_s64 pci_session_map(struct pci_session *session, purlin_u64 slot,
			   const struct dma_wish *wish, uint64_t *address);
purlin_s64 pci_session_unmap(struct pci_session *session, uint64_t address);

#endif
