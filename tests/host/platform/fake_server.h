/* SPDX-License-Identifier: MIT */
/* Sessions without the threads that serve them, for host tests. */
#ifndef TESTS_PLATFORM_FAKE_SERVER_H
#define TESTS_PLATFORM_FAKE_SERVER_H

#include "drivers/platform/pci_session.h"

purlin_s64 open_session(struct pci_server *server, purlin_u64 badge, const char *label,
			const purlin_u64 *words, unsigned int count);
/* False: no session has this badge. */
bool close_session(struct pci_server *server, purlin_u64 badge);

#endif
