/* SPDX-License-Identifier: MIT */
/* A machine for host tests: hardware.h on top of a dump made by dump-machine. */
#ifndef TESTS_PLATFORM_MACHINE_H
#define TESTS_PLATFORM_MACHINE_H

#include <stdbool.h>

/* The dump of that name in folder MACHINES. */
bool machine_load(const char *name);

#endif
