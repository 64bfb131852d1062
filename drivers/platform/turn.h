/* SPDX-License-Identifier: MIT */
/*
 * Turns: one thread at a time works with the platform's state and with configuration space. It
 * passes its turn on while it waits for hardware, so that a slow device delays nobody else.
 *
 * Whoever calls turn_pause finds the state changed afterwards, except for what nobody else touches:
 * a session's devices, lines and DMA mappings are the business of the thread that serves it, and a
 * function belongs to its owner from before the first pause until it is silent.
 */
#ifndef PLATFORM_TURN_H
#define PLATFORM_TURN_H

#include <stdint.h>

#include "purlin/types.h"

#define TURN_THREADS 120 /* at most */

/* Called before the first thread starts. */
purlin_s64 turn_start(void);
/* One more thread is to take turns. Called by one that has the turn, or before there are others. */
purlin_s64 turn_add_thread(void);
/*
 * The same for a new thread of the component, which begins at `entry` and never ends. If it cannot
 * be started, what it was to bring stays for the next one.
 */
purlin_s64 turn_spawn(void (*entry)(void *argument), void *argument, purlin_u64 component);

void turn_take(void);
void turn_give(void);

/*
 * Wait that long, and let others have their turn meanwhile. For times that specifications
 * prescribe.
 */
void turn_pause(uint64_t nanoseconds);

#endif
