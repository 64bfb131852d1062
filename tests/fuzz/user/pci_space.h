/* SPDX-License-Identifier: MIT */
/*
 * Configuration space for fuzzing: functions that the input makes, and that answer with something
 * else whenever the input says so. What the platform writes is checked.
 */
#ifndef TESTS_FUZZ_USER_PCI_SPACE_H
#define TESTS_FUZZ_USER_PCI_SPACE_H

#include "blocks.h"

#include "drivers/platform/device.h"
#include "drivers/platform/pci_session.h"

#define SPACE_FUNCTIONS 8

struct space_function {
	uint16_t bdf;
	bool liar; /* reads may answer anything */
	uint8_t value[4096], writable[4096], clearable[4096];
	uint32_t command; /* written last */
};

extern struct space_function space[SPACE_FUNCTIONS];
extern unsigned int space_count;
extern struct pci_server *space_server;
/* The client's write under way may change: nothing but what its filter lets through. */
extern bool space_client_writes;
/* Nobody may touch a device now. */
extern bool space_looked_at;

void space_make(struct input *input);
struct space_function *space_find(uint16_t bdf);

#endif
