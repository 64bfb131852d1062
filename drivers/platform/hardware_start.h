/* SPDX-License-Identifier: MIT */
/* The sessions behind hardware.h. */
#ifndef PLATFORM_HARDWARE_START_H
#define PLATFORM_HARDWARE_START_H

#include <stdbool.h>

/* Before anything else of hardware.h. */
bool hardware_start(void);

#endif
