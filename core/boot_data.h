/* SPDX-License-Identifier: MIT */
/* What the kernel handed over at the start. */
#ifndef CORE_BOOT_DATA_H
#define CORE_BOOT_DATA_H

#include <stdbool.h>

#include "purlin/boot.h"

extern const struct purlin_boot_info *boot_info;
extern const void *bundle;

/* `argument` is that of core's first thread. False: the kernel speaks another version. */
bool boot_data_take(purlin_u64 argument);
purlin_s64 bundle_map(void);

#endif
