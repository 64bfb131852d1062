/* SPDX-License-Identifier: MIT */
/* Starting Linux guests. */
#ifndef INIT_LINUX_H
#define INIT_LINUX_H

#include "purlin/types.h"

struct component;

/* On failure the supervisor cleans up what is recorded in *component. */
purlin_s64 linux_start(struct component *component);

#endif
