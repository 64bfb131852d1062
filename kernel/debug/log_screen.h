/* SPDX-License-Identifier: MIT */
/*
 * The log on the screen: at once while booting and in a panic, else a little every millisecond.
 * Whoever has a memory object of the framebuffer has the screen; the kernel goes on when the last
 * of them is gone, and in a panic.
 */
#ifndef DEBUG_LOG_SCREEN_H
#define DEBUG_LOG_SCREEN_H

#include "base/types.h"
#include "purlin/boot.h"

/* The framebuffer is mapped at `pixels`. The end of what was written so far appears. */
void log_screen_start(void *pixels, const struct purlin_framebuffer *framebuffer);
/* From now on by a timeout. */
void log_screen_defer(void);
/* There is text in the ring. */
void log_screen_wake(void);
/* All of it, now. */
void log_screen_flush(void);
/* Whoever has the screen: it is the kernel's from now on, and nobody waits any more. */
void log_screen_panic(void);
/* A memory object of these pages begins, or ends, to exist. */
void log_screen_memory(struct physical base, uint64_t pages, bool exists);

/* What it asks of the log: bytes written since boot, and one of those that the ring still has. */
uint64_t log_ring_end(void);
char log_ring_byte(uint64_t sequence);

#endif
