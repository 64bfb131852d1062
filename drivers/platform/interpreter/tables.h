/* SPDX-License-Identifier: MIT */
/* What only the interpreter offers beside acpi.h. */
#ifndef INTERPRETER_TABLES_H
#define INTERPRETER_TABLES_H

#include "acpi.h"

/* In place of acpi_start: find the tables and report ECAM windows, but run no AML. */
bool acpi_start_tables(void);

/* Before acpi_start: load no SSDT. */
void acpi_leave_supplements(void);

#endif
