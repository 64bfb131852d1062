/* SPDX-License-Identifier: MIT */
/* The sessions behind hardware.h. */
#ifndef PLATFORM_HARDWARE_START_H
#define PLATFORM_HARDWARE_START_H

#include <stdbool.h>

#include "purlin/types.h"

/* Before anything else of hardware.h. */
bool hardware_start(void);

/* Sessions whose claims may overlap those of hardware.h. */
purlin_u64 hardware_io_mem(void);
purlin_u64 hardware_io_port(void);

#endif
