/* SPDX-License-Identifier: MIT */
/* The endpoint of the platform component. */
#ifndef PLATFORM_SERVICE_H
#define PLATFORM_SERVICE_H

#include "pci_session.h"

/* Announce PCI and Power, and serve until the endpoint is gone. */
void service_run(struct pci_server *server);

#endif
