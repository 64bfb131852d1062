/* SPDX-License-Identifier: MIT */
/* Sessions without the threads that serve them, for host tests. */
#ifndef TESTS_PLATFORM_FAKE_SERVER_H
#define TESTS_PLATFORM_FAKE_SERVER_H

#include "drivers/platform/pci_session.h"

/* The one server that a test has. */
extern struct pci_server server;

/* An empty machine, and a server without sessions. */
void server_begin(const struct dma_domain_type *dma);
/* A test's end: all sessions are closed. */
int server_clean(void **state);

purlin_s64 open_session(struct pci_server *of, purlin_u64 badge, const char *label,
			const purlin_u64 *words, unsigned int count);
/* What request_signal_check (runtime/server.h) says about a capability that came. */
extern purlin_s64 fake_signal_status;

/* False: no session has this badge. */
bool close_session(struct pci_server *of, purlin_u64 badge);

#endif
