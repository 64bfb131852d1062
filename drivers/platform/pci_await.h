/* SPDX-License-Identifier: MIT */
/* Components that do not run, and are to be started when a device comes. */
#ifndef PLATFORM_PCI_AWAIT_H
#define PLATFORM_PCI_AWAIT_H

#include "pci_state.h"
#include "runtime/server.h"

struct pci_awaiting {
	struct pci_awaiting *next;
	char label[PARENT_LABEL_BYTES + 1];
	struct policy policy;
	purlin_u64 signal; /* slot */
};

/* PCI_AWAIT. */
purlin_s64 pci_await(struct pci_server *server, const char *label, struct request *request);
/* There are new functions: notify each component that one of them is for. */
void pci_await_arrived(const struct pci_server *server);

#endif
