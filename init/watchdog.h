/* SPDX-License-Identifier: MIT */
/*
 * The watchdog of a Linux (`watchdog` in its description): whether it hangs. It is for the
 * component's supervisor, which it costs a look now and then and never a wait.
 */
#ifndef INIT_WATCHDOG_H
#define INIT_WATCHDOG_H

#include <stdbool.h>

#include "state.h"

/* The component runs from now on. */
void watchdog_start(struct component *component);
/* Look, if it is time to. True: it hangs, and that has been reported. */
bool watchdog_look(struct component *component);

#endif
