/* SPDX-License-Identifier: MIT */
/*
 * Pages that were freed stay out of use for a while, filled with a pattern: whoever still writes to
 * one, through a stale pointer or a stale translation, is found when the pattern is looked at.
 *
 * Freed pages join the end of a queue. They are filled before the lock is released in which they
 * were freed, looked at with all objects (walk.h), and once more when they leave: when too many are
 * held, or when an allocation would fail without them. All with the kernel lock held.
 */
#ifndef CHECKS_ON_HELD_PAGES_H
#define CHECKS_ON_HELD_PAGES_H

#include "base/types.h"

#define HELD_RUNS 4096	/* a power of two */
#define HELD_PAGES 2048 /* so many stay, while nobody needs them */

/* They are free for those who freed them; `let_go` hears when they are. */
void held_pages_add(struct physical base, uint64_t pages);
/* At a release of the lock: fill new pages, give back those beyond the limit. */
void held_pages_round(void);
void held_pages_verify(void);
/* All go, those that nobody would have needed yet included. */
void held_pages_drain(void);
uint64_t held_pages_count(void);

/* The page allocator takes back what is held no longer. */
void held_pages_let_go(struct physical base, uint64_t pages);

#endif
