/* SPDX-License-Identifier: MIT */
/* Words of the kernel command line: NAME or NAME=NUMBER (decimal or 0x...). */
#ifndef DEBUG_OPTIONS_H
#define DEBUG_OPTIONS_H

#include "base/types.h"

bool option_given(const char *command_line, const char *name);
bool option_number(const char *command_line, const char *name, uint64_t *value);

#endif
