/* SPDX-License-Identifier: MIT */
/* A session of Devices that may move what the fuzzer's clients have, and what nobody has. */
#ifndef TESTS_FUZZ_PCI_MOVER_H
#define TESTS_FUZZ_PCI_MOVER_H

#include "drivers/platform/pci_state.h"
#include "fake_kernel.h"

/* Its clients are called client0 and so on. */
void mover_open(struct fake_object *endpoint, unsigned int clients);
void mover_close(void);
void mover_move(uint16_t bdf, unsigned int client);
/* Who has something that is reserved is who is to have it, or has been asked to give it back. */
void mover_check(const struct pci_server *server);

#endif
