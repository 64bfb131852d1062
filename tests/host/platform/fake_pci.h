/* SPDX-License-Identifier: MIT */
/*
 * PCI functions for host tests: pci_config.h on memory. Each byte has bits a write
 * changes and bits it clears by one; the rest is read-only.
 */
#ifndef TESTS_PLATFORM_FAKE_PCI_H
#define TESTS_PLATFORM_FAKE_PCI_H

#include <stdint.h>

struct fake_function {
	uint16_t bdf;
	uint8_t value[4096];
	uint8_t writable[4096];
	uint8_t clearable[4096];
	unsigned int absent_reads; /* so many reads find nothing */
	/* Called after each write. */
	void (*written)(struct fake_function *function, unsigned int offset);
};

/* Called before each access, if set. */
extern void (*fake_on_access)(void);

void fake_pci_clear(void);
/* An empty function with an id, no capabilities, a writable command register. */
struct fake_function *fake_pci_add(uint16_t bdf, uint16_t vendor, uint16_t device,
				   uint32_t class_code);

void fake_set(struct fake_function *function, unsigned int offset, unsigned int size,
	      uint32_t value, uint32_t writable, uint32_t clearable);
uint32_t fake_get(const struct fake_function *function, unsigned int offset, unsigned int size);

/* Append a capability to the list; `offset` 0x40..0xfc. */
void fake_capability(struct fake_function *function, unsigned int offset, unsigned int id);
void fake_extended_capability(struct fake_function *function, unsigned int offset, unsigned int id);

#endif
