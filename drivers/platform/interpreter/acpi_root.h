/* SPDX-License-Identifier: MIT */
/* Which bus a root bridge of the namespace leads to. */
#ifndef INTERPRETER_ACPI_ROOT_H
#define INTERPRETER_ACPI_ROOT_H

#include <stdbool.h>
#include <stdint.h>

#include "acpi/acpi.h"

/* False: there is no such object, or it is not a number; *value stays. */
bool acpi_integer_of(acpi_handle device, char *name, uint64_t *value);

enum acpi_root_place {
	ACPI_ROOT_USABLE,
	ACPI_ROOT_FOREIGN, /* on another segment: a bdf names a function of segment 0 everywhere */
	ACPI_ROOT_NOWHERE, /* its bus number makes no sense */
};

enum acpi_root_place acpi_root_place(acpi_handle device, unsigned int *bus);

#endif
