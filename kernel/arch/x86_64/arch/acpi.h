/* SPDX-License-Identifier: MIT */
/* The static ACPI tables that name processors, interrupt controllers and timers (ACPI 6.5, 5.2). */
#ifndef ARCH_ACPI_H
#define ARCH_ACPI_H

#include "base/types.h"

#define ACPI_IOAPICS 16

struct acpi {
	uint64_t local_apic; /* physical */
	unsigned int processors;
	uint32_t apic_id[CPU_MAX]; /* enabled ones, in the table's order */
	unsigned int ioapics;
	struct {
		uint64_t address;
		uint32_t gsi_base;
	} ioapic[ACPI_IOAPICS];
	uint64_t hpet;	  /* physical; 0: none */
	uint8_t nmi_lint; /* local interrupt pin of the NMI: 0 or 1 */
};
extern struct acpi acpi;

/* Read the tables. rsdp 0: search where BIOSes put it. Returns the root pointer's address, 0: no
 * tables. */
uint64_t acpi_init(uint64_t rsdp);

#endif
