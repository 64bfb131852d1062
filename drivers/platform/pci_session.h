/* SPDX-License-Identifier: MIT */
/* Sessions of session/pci.h: their life, and what they ask for. */
#ifndef PLATFORM_PCI_SESSION_H
#define PLATFORM_PCI_SESSION_H

#include "pci_state.h"

/*
 * Make a session and reserve the functions that are going to be its devices. words: those after the
 * label in SERVER_OPEN.
 */
purlin_s64 pci_session_new(struct pci_server *server, purlin_u64 badge, const char *label,
			   const purlin_u64 *words, unsigned int count,
			   struct pci_session **created);
/*
 * Prepare the functions for the client. One that its IOMMU refuses is left out, unless a rule names
 * it. Pauses (turn.h); after a failure the session can only be ended.
 */
purlin_s64 pci_session_start(struct pci_session *session);
/* Give back everything that the session has. Pauses. */
void pci_session_end(struct pci_server *server, struct pci_session *session);

/* NULL: no session has this badge, or it is ending. */
struct pci_session *pci_session_find(struct pci_server *server, purlin_u64 badge);

struct device *pci_session_device(struct pci_session *session, purlin_u64 bdf);

/* Prepare a function that the session already has, and put one back. Both pause. */
purlin_s64 pci_session_add(struct pci_session *session, const struct assignment *assignment);
void pci_session_drop(struct pci_session *session, struct device *device);
/* The session had it by its assignments, and has it no more. */
void pci_session_leave_out(struct pci_session *session, struct pci_function *function);
/* Give up a line that no function of the session uses any more. */
void pci_session_drop_line(struct line *line);

purlin_s64 pci_session_intx(struct pci_server *server, struct pci_session *session,
			    struct device *device, purlin_u64 *slot);

/* Which part of a memory object is to be mapped, and where; pages ~0: all of it. */
struct dma_wish {
	uint64_t address;
	uint64_t first;
	uint64_t pages;
};

/* Map the memory object in the slot, which is taken over. */
purlin_s64 pci_session_map(struct pci_session *session, purlin_u64 slot,
			   const struct dma_wish *wish, uint64_t *address);
purlin_s64 pci_session_unmap(struct pci_session *session, uint64_t address);

#endif
