/* SPDX-License-Identifier: MIT */
/* The rules that a description gives a server: its property `serves` (PARENT_SERVES). */
#ifndef RUNTIME_SERVES_H
#define RUNTIME_SERVES_H

#include <stdbool.h>

#include "session/parent.h"

/* Rule number `number`, from 0 on. NO_DEVICE: there are no more. */
purlin_s64 serves_read(unsigned int number, char text[PARENT_SERVES_BYTES]);

/* The next word of a rule, cut off in place; empty: there is none. */
const char *serves_word(char **at);

#endif
