/* SPDX-License-Identifier: MIT */
/* Starting native components. */
#ifndef INIT_NATIVE_H
#define INIT_NATIVE_H

#include "purlin/types.h"

struct component;

/* On failure the supervisor cleans up what is recorded in *component. */
purlin_s64 native_start(struct component *component);

#endif
