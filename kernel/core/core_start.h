/* SPDX-License-Identifier: MIT */
/* Starting the first component: abi/purlin/boot.h says what it finds. */
#ifndef CORE_CORE_START_H
#define CORE_CORE_START_H

#include "base/types.h"
#include "purlin/boot.h"

/* Panics when there is no core in the bundle, or no memory for it. */
void core_start(const struct purlin_boot_info *info, struct physical bundle);

#endif
