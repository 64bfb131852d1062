/* SPDX-License-Identifier: MIT */
/*
 * A machine that a test makes up: ACPI tables around a DSDT of boards/, functions in configuration
 * space, and hardware.h for both.
 */
#ifndef TESTS_PLATFORM_BOARD_H
#define TESTS_PLATFORM_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/platform/acpi.h"

struct board_segment {
	uint64_t address;
	uint16_t number;
	uint8_t first, last; /* buses */
};

/* A machine with nothing but its tables. False: there is no such DSDT. */
bool board_make(const char *dsdt, const struct board_segment *segment, unsigned int segments);

/* Segment 0; bridges also get their buses. */
void board_function(uint16_t bdf, uint32_t class, unsigned int secondary, unsigned int subordinate);

/* Registers of a function, as firmware left them or as AML has set them. */
uint8_t *board_registers(uint16_t bdf);
/* Registers behind ports C00h and C01h. */
extern uint8_t board_indexed[256];

/* Reads of configuration space of another segment, which must not happen. */
extern unsigned int board_foreign;

/* As the platform component does it: tables, buses, routes. False: no usable ACPI. */
bool board_start(void);

extern struct acpi_description board_description;
extern struct pci_tree board_tree;

#endif
