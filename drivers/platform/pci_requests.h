/* SPDX-License-Identifier: MIT */
/* Requests of session/pci.h. */
#ifndef PLATFORM_PCI_REQUESTS_H
#define PLATFORM_PCI_REQUESTS_H

#include "pci_session.h"
#include "runtime/server.h"

/* Handle one request of a client; returns the status of the reply. */
purlin_s64 pci_request(struct pci_server *server, struct pci_session *session,
		       struct request *request);

#endif
