/* SPDX-License-Identifier: MIT */
/*
 * The watchdog of a Linux (`watchdog` in its description): whether it hangs. The component's
 * supervisor calls it now and then, and never has to wait for it.
 */
#ifndef INIT_WATCHDOG_H
#define INIT_WATCHDOG_H

#include <stdbool.h>

#include "state.h"

/* The component runs from now on. */
void watchdog_start(struct component *component);
/* Check the Linux, if it is time to. True: it hangs, and that has been reported. */
bool watchdog_look(struct component *component);

#endif
