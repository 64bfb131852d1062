/* SPDX-License-Identifier: MIT */
/* The thread that shared lines and storms call for. */
#ifndef PLATFORM_INTERRUPT_WATCH_H
#define PLATFORM_INTERRUPT_WATCH_H

#include "pci_state.h"

/* Before the first session. */
purlin_s64 interrupt_watch_start(struct pci_server *server, purlin_u64 component);

#endif
