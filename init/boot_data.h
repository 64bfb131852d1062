/* SPDX-License-Identifier: MIT */
/* What the kernel handed over at the start: facts about the machine, and the bundle of modules. */
#ifndef INIT_BOOT_DATA_H
#define INIT_BOOT_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "purlin/boot.h"

extern const struct purlin_boot_info *boot_info;

purlin_s64 boot_data_map(void);
/* False: not in the bundle. */
bool boot_module(const char *name, const void **data, size_t *bytes);
/* For the reader of descriptions. */
bool boot_module_exists(void *context, const char *name);

#endif
