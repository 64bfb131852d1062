/* SPDX-License-Identifier: MIT */
/*
 * The DMAR table (VT-d 4.1, chapter 8): which IOMMUs a machine has, what is behind each, and which
 * memory firmware reserved for devices. The table is firmware's word: it is taken as a whole, or
 * refused with the reason.
 */
#ifndef PLATFORM_DMAR_H
#define PLATFORM_DMAR_H

#include "pci_tree.h"

#define DMAR_UNITS 16
#define DMAR_REGIONS 64
#define DMAR_SCOPES 512
#define DMAR_STEPS 8 /* bridges on the way to a device, and the device */
#define DMAR_BYTES 0x8000

enum dmar_scope_kind {
	DMAR_ENDPOINT = 1,
	DMAR_BRIDGE = 2, /* and all behind it */
	DMAR_IOAPIC = 3,
	DMAR_HPET = 4,
};

/*
 * A device by the way that leads there: bus numbers behind bridges are those of today, not those
 * firmware knew when it wrote the table.
 */
struct dmar_scope {
	uint8_t kind;
	uint8_t id; /* of the I/O APIC in MADT, number of the HPET */
	uint8_t bus;
	uint8_t steps;
	struct {
		uint8_t slot;
		uint8_t function;
	} step[DMAR_STEPS];
};

struct dmar_scopes {
	unsigned int first;
	unsigned int count;
};

struct dmar_unit {
	uint64_t registers;
	uint16_t segment;
	bool rest; /* of its segment: what no other unit's scopes name */
	struct dmar_scopes scopes;
};

/* Memory that firmware uses by these devices. */
struct dmar_region {
	uint64_t base;
	uint64_t last;
	uint16_t segment;
	struct dmar_scopes scopes;
};

struct dmar {
	unsigned int address_bits; /* of the machine's memory */
	bool interrupts;	   /* can be remapped */
	bool narrow_ids;	   /* firmware wants no x2APIC */
	unsigned int units;
	struct dmar_unit unit[DMAR_UNITS];
	unsigned int regions;
	struct dmar_region region[DMAR_REGIONS];
	unsigned int scopes;
	struct dmar_scope scope[DMAR_SCOPES];
};

/* NULL: it has been read. Else what is wrong with it; *dmar is then of no use. */
const char *dmar_read(struct dmar *dmar, const uint8_t *table, size_t bytes);

/* The unit that translates for a function of segment 0; -1: none. */
int dmar_unit_of(const struct dmar *dmar, const struct pci_tree *tree,
		 const struct pci_function *function);

/* Reserved memory that firmware uses by the function; NULL: none. */
const struct dmar_region *dmar_region_of(const struct dmar *dmar, const struct pci_tree *tree,
					 const struct pci_function *function);

/* The source of an I/O APIC's messages, by its id in MADT, and the unit they pass. False: nobody
 * says. */
bool dmar_ioapic(const struct dmar *dmar, const struct pci_tree *tree, unsigned int id,
		 unsigned int *unit, uint16_t *source);

#endif
