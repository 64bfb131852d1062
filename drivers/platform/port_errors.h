/* SPDX-License-Identifier: MIT */
/*
 * Errors that were not corrected, as root ports hear of them (PCI Express 5.0, 6.2). They come as
 * messages of the port and never as system errors. All who have devices below the port are told,
 * for a fatal error may have taken the link from all of them.
 */
#ifndef PLATFORM_PORT_ERRORS_H
#define PLATFORM_PORT_ERRORS_H

#include "pci_state.h"

/* A root port that hears of errors, and what is below it, say so from now on. */
bool port_errors_possible(const struct pci_function *port);
void port_errors_start(struct pci_server *server, struct pci_function *port);
/* Functions have come below it. */
void port_errors_add(struct pci_function *function);

/* Something may have been reported. */
void port_errors_look(struct pci_server *server, const struct pci_function *port);

#endif
