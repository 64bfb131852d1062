/* SPDX-License-Identifier: MIT */
/* What init asks of the platform component: sessions of PCI, and Power. */
#ifndef PLATFORM_SERVICE_H
#define PLATFORM_SERVICE_H

#include "pci_session.h"

/* Announce PCI and Power, and serve until the endpoints are gone. The caller has the turn and gives
 * it away. component: the argument of component_main. */
void service_run(struct pci_server *server, purlin_u64 component);

#endif
