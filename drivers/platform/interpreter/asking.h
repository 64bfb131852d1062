/* SPDX-License-Identifier: MIT */
/* The interpreter's end of the area it shares with the platform component. */
#ifndef INTERPRETER_ASKING_H
#define INTERPRETER_ASKING_H

#include "interpreter.h"

#define AREA ((struct interpreter_area *)INTERPRETER_AREA)

/* The first command; and, when one is carried out, the next. */
struct interpreter_message first_command(void);
struct interpreter_message next_command(purlin_u64 result);

/* The clock runs from then on. */
void clock_start(purlin_u64 tsc_hz, purlin_u64 rsdp);

#endif
