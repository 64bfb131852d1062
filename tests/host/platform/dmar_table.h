/* SPDX-License-Identifier: MIT */
/* DMAR tables, put together entry by entry. */
#ifndef TESTS_PLATFORM_DMAR_TABLE_H
#define TESTS_PLATFORM_DMAR_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/platform/dmar.h"
#include "fake_pci.h"

extern struct dmar dmar;
extern struct pci_tree tree;
extern uint8_t table[4096];
extern size_t length;

void put(unsigned int bytes, uint64_t value);
void set_length(size_t at, size_t bytes);
void begin_table(void);

/* In memory of exactly its size, so that ASan sees a read beyond it. */
const char *finish(void);

/* Where the entry is, for the scopes that follow. */
size_t begin_unit(uint64_t registers, unsigned int segment, bool rest);
size_t begin_region(uint64_t base, uint64_t last);

/* Path: slots and functions, ended by a slot above 31. */
void put_scope(size_t entry, unsigned int kind, unsigned int id, unsigned int bus,
	       const uint8_t *path);

#define SCOPE(entry, kind, id, bus, ...) \
	put_scope(entry, kind, id, bus, (const uint8_t[]){ __VA_ARGS__, 0xff })

/* In the made-up configuration space; and the unit of a function. */
struct fake_function *add_bridge(uint16_t bdf, unsigned int secondary, unsigned int subordinate);
int unit_of(uint16_t bdf);

#endif
