/* SPDX-License-Identifier: MIT */
/* Devices that come to a session, and leave it, while it lives. */
#ifndef PLATFORM_PCI_LIFE_H
#define PLATFORM_PCI_LIFE_H

#include "pci_state.h"
#include "runtime/server.h"

/* Requests. */
purlin_s64 pci_life_changes(struct pci_session *session, struct request *request);
/* Take devices for the session, and give one back. Both pause (turn.h). */
purlin_s64 pci_life_claim(struct pci_server *server, struct pci_session *session,
			  struct request *request);
purlin_s64 pci_life_release(struct pci_server *server, struct pci_session *session, purlin_u64 bdf);

/* There are new functions: tell each client that may have one. */
void pci_life_arrived(const struct pci_server *server);
/* The function is to leave, is taken away from its owner, or has gone: tell the owner. */
void pci_life_leaving(const struct pci_function *function);
void pci_life_taken_away(const struct pci_function *function);
void pci_life_gone(struct pci_function *function);

#endif
