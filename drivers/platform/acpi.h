/* SPDX-License-Identifier: MIT */
/*
 * What firmware tells about PCI and power, by ACPICA. Order: acpi_start, then pci_tree_scan of the
 * root buses found, then acpi_routes. The interpreter, a program of its own, finds it out
 * (interpreter/); the platform component asks for it (acpi_remote.c). Only interpreter/ includes
 * ACPICA's headers.
 */
#ifndef PLATFORM_ACPI_H
#define PLATFORM_ACPI_H

#include "pci_tree.h"

#define ACPI_ROOTS 16
#define ACPI_WINDOWS 64
#define ACPI_TAKEN 64

struct acpi_window {
	uint64_t base;
	uint64_t size;
	bool ports;
	bool prefetchable;
};

/* What the board uses itself, also within a window: no BAR may be laid there. */
struct acpi_range {
	uint64_t first;
	uint64_t last;
	bool ports;
};

struct acpi_root {
	unsigned int bus;
};

struct acpi_description {
	unsigned int roots;
	struct acpi_root root[ACPI_ROOTS];
	bool native_slots;  /* all root bridges leave hot plug to us, ... */
	bool native_errors; /* ... and the errors that are reported */
	unsigned int windows;
	struct acpi_window window[ACPI_WINDOWS];
	unsigned int taken;
	struct acpi_range take[ACPI_TAKEN];
};

/*
 * Load the tables, tell pci_config of ECAM windows, switch the machine to ACPI and
 * APIC mode and describe the root bridges. False (and the log says why): no
 * usable ACPI; the description then holds root bus 0 only.
 */
bool acpi_start(struct acpi_description *description);

struct route {
	uint32_t gsi;
	bool level;
	bool active_low;
};

#define ACPI_ROUTES 1024

struct acpi_routes {
	unsigned int count;
	struct {
		uint8_t bus;
		uint8_t slot;
		uint8_t pin; /* 0: INTA */
		struct route route;
	} entry[ACPI_ROUTES];
	bool bus_has_table[256];
};

/* What acpi_routes found. */
extern struct acpi_routes acpi_found;

/* Read all _PRT and set the link devices they name. */
void acpi_routes(struct pci_tree *tree);

/* Where the function's interrupt pin leads (PCI-to-PCI Bridge 1.2, 9.1). False: nowhere known. */
bool acpi_route_find(const struct pci_function *function, struct route *route);

#define ACPI_IOAPICS 16

struct acpi_ioapics {
	unsigned int count;
	struct {
		uint8_t id;
		uint32_t gsi; /* its first */
	} ioapic[ACPI_IOAPICS];
};

/* As MADT names them. False: nothing is known, or there are more. */
bool acpi_ioapics(struct acpi_ioapics *ioapics);

/* Copy a table of firmware's. 0: there is none, or it is longer. */
size_t acpi_table(const char *signature, void *copy, size_t bytes);

/* Return only if firmware offers no way. */
void acpi_power_off(void);
void acpi_reset_machine(void);

#endif
