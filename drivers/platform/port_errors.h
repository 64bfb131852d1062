/* SPDX-License-Identifier: MIT */
/*
 * Errors that were not corrected, as root ports hear of them (PCI Express 5.0, 6.2). They come as
 * messages of the port and never as system errors. All who have devices below the port are told,
 * for a fatal error may have taken the link from all of them.
 */
#ifndef PLATFORM_PORT_ERRORS_H
#define PLATFORM_PORT_ERRORS_H

#include "pci_state.h"

/* From now on this root port and the functions below it report errors. */
bool port_errors_possible(const struct pci_function *port);
void port_errors_start(struct pci_server *server, struct pci_function *port);
/* Functions have come below the port: let them report errors, too. */
void port_errors_add(struct pci_function *function);

/* Look whether an error was reported. */
void port_errors_look(struct pci_server *server, const struct pci_function *port);

#endif
