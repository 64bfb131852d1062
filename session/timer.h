/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Timer: one alarm that notifies a signal of the client. Server: core. All times are
 * values of the time stamp counter, which runs at a constant rate and alike on
 * all processors; the client reads it itself.
 *
 * States: idle -> (TIMER_START) -> started, alarm off -> (TIMER_SET) -> armed ->
 * fires once -> alarm off.
 */
#ifndef SESSION_TIMER_H
#define SESSION_TIMER_H

#include "session.h"

/* Reply: word 0: frequency of the time stamp counter in Hz, word 1: its value now. */
#define TIMER_INFO 1

/* Capability 0: signal with WRITE, badged with the bits to be set. BUSY: started already.
 * BAD_CAPABILITY: no signal. NO_RIGHT: without WRITE. NO_MEMORY: no room for the timer. */
#define TIMER_START 2

/* Word 0: time of the alarm, in the past: at once, ~0: off. Replaces an earlier one. BUSY: not
 * started. */
#define TIMER_SET 3

#endif
