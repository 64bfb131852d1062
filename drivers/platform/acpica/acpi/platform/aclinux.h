/* SPDX-License-Identifier: MIT */
/*
 * The environment of the ACPICA interpreter inside the platform component. It
 * shadows the file of this name in the Linux tree, whose sources are compiled in
 * place; ACPICA's acenv.h includes it by name (gcc defines __linux__). One
 * thread runs the interpreter, so locks are empty and no interrupt handler exists.
 */
#ifndef PLATFORM_ACLINUX_H
#define PLATFORM_ACLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <ctype.h>
#include <stdlib.h>

#define ACPI_MACHINE_WIDTH 64
#define COMPILER_DEPENDENT_INT64 long
#define COMPILER_DEPENDENT_UINT64 unsigned long
#define ACPI_USE_SYSTEM_CLIBRARY
#define ACPI_USE_DO_WHILE_0
#define ACPI_USE_NATIVE_DIVIDE
#define ACPI_USE_LOCAL_CACHE
#define ACPI_PCI_CONFIGURED
#define ACPI_SINGLE_THREADED
#define ACPI_IGNORE_PACKAGE_RESOLUTION_ERRORS
#define ACPI_DEBUG_DEFAULT 0
#define DEBUGGER_THREADING DEBUGGER_SINGLE_THREADED

#define ACPI_OFFSET(type, field) offsetof(type, field)
#define ACPI_TO_INTEGER(pointer) ((uintptr_t)(pointer))

/* Declarators of the Linux kernel that ACPICA's headers use. */
#define __iomem
#define __init

#endif
