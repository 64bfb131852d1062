/* SPDX-License-Identifier: MIT */
/*
 * The threads that serve PCI sessions: one endpoint and one thread for each. So the requests of a
 * session follow one another, and one that takes long delays no other session.
 */
#ifndef PLATFORM_SERVING_H
#define PLATFORM_SERVING_H

#include "pci_session.h"

/*
 * All with the turn taken. Threads take the component's processor and priority, as component_main
 * is told them.
 */
void serving_start(purlin_u64 component);

/* An endpoint for the session, and a thread that serves it. */
purlin_s64 serving_begin(struct pci_server *server, struct pci_session *session);

/*
 * The session ends: nobody can send it requests any more, the one under way is finished, what the
 * session has is given back. The turn is given away meanwhile.
 */
void serving_end(struct pci_session *session);

#endif
