/* SPDX-License-Identifier: MIT */
/*
 * The IVRS table (AMD I/O Virtualization Technology, 48882, chapter 5): which IOMMUs a machine has,
 * what is behind each, and which memory firmware reserved for devices. The table is firmware's
 * word: it is taken as a whole, or refused with the reason and the place.
 */
#ifndef PLATFORM_IVRS_H
#define PLATFORM_IVRS_H

#include "pci_tree.h"

#define IVRS_UNITS 16
#define IVRS_RANGES 512
#define IVRS_SPECIALS 64
#define IVRS_REGIONS 64
#define IVRS_BYTES 0x8000

/* Functions by their bus, device and function numbers. */
struct ivrs_range {
	uint16_t first, last;
	uint8_t flags; /* IVRS_* */
	bool has_alias;
	uint16_t alias; /* what their requests are taken for */
};

/* Messages that a function may send although its table has no entry for them. */
#define IVRS_SYSTEM_MANAGEMENT 0x30u

enum ivrs_special_kind {
	IVRS_IOAPIC = 1,
	IVRS_HPET = 2,
};

/* What sends messages without being a PCI function. */
struct ivrs_special {
	uint8_t kind;
	uint8_t id; /* of the I/O APIC in MADT, number of the HPET */
	uint16_t source;
};

struct ivrs_unit {
	uint64_t registers;
	uint16_t bdf;	     /* of its own PCI function */
	uint16_t capability; /* there */
	uint16_t segment;
	uint8_t flags;
	unsigned int first_range, ranges; /* of ivrs.range; the last that names a function counts */
	unsigned int first_special, specials;
};

/* Memory that firmware uses by these functions. */
struct ivrs_region {
	uint64_t base;
	uint64_t last;
	uint16_t first, end; /* functions, the last included */
};

struct ivrs {
	unsigned int address_bits; /* of what devices say; 0: not known */
	unsigned int units;
	struct ivrs_unit unit[IVRS_UNITS];
	unsigned int ranges;
	struct ivrs_range range[IVRS_RANGES];
	unsigned int specials;
	struct ivrs_special special[IVRS_SPECIALS];
	unsigned int regions;
	struct ivrs_region region[IVRS_REGIONS];
};

/* NULL: it has been read. Else what is wrong, *place bytes after the start of the table; *ivrs is
 * then of no use. */
const char *ivrs_read(struct ivrs *ivrs, const uint8_t *table, size_t bytes, size_t *place);

/*
 * The unit that translates for a function of segment 0, -1: none; and what the table says of the
 * function there. For one that the table does not name, the bridges above it count: firmware may
 * not have known the buses behind a bridge.
 */
int ivrs_unit_of(const struct ivrs *ivrs, const struct pci_function *function,
		 const struct ivrs_range **range);

/* What the unit's entries say of that number: IVRS_* */
unsigned int ivrs_flags(const struct ivrs *ivrs, const struct ivrs_unit *unit, uint16_t source);

/* Reserved memory that firmware uses by the function of that number; NULL: none. */
const struct ivrs_region *ivrs_region_of(const struct ivrs *ivrs, uint16_t source);

/* The source of an I/O APIC's messages, by its id in MADT, and the unit they pass. False: nobody
 * says. */
bool ivrs_ioapic(const struct ivrs *ivrs, unsigned int id, unsigned int *unit, uint16_t *source);

/* Something else than PCI functions sends messages by this number. */
bool ivrs_is_special(const struct ivrs *ivrs, uint16_t source);

#endif
