/* SPDX-License-Identifier: MIT */
/* A dumped machine, read by ACPI and enumerated; and tests that hold on each. */
#ifndef TESTS_PLATFORM_ROUTE_MACHINE_H
#define TESTS_PLATFORM_ROUTE_MACHINE_H

#include "drivers/platform/acpi.h"
#include "drivers/platform/pci_config.h"

extern struct acpi_description description;
extern struct pci_tree tree;

/* -1: the dump cannot be read. */
int route_machine_start(const char *name);

void functions_without_pin_have_no_route(void **state);
void windows_are_told(void **state);

#endif
