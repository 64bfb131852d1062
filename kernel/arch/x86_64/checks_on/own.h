/* SPDX-License-Identifier: MIT */
/* Parts of the checks to each other. */
#ifndef CHECKS_OWN_H
#define CHECKS_OWN_H

#include "base/types.h"

struct guest;
struct list;
struct pd;

/* What the processor adds to entries by itself. */
#define PTE_ACCESSED (1ull << 5)
#define PTE_DIRTY (1ull << 6)
#define PTE_MARKS (PTE_ACCESSED | PTE_DIRTY)
#define PTE_GLOBAL (1ull << 8)

/* An entry that maps pages, not a table. */
struct leaf {
	uint64_t address, entry, pages;
};

/* leaves.c. Of a native PD: `place` begins as its first region, and moves on with the leaves. */
void leaf_check_native(const struct pd *pd, const struct list **place, const struct leaf *leaf);
void leaf_check_guest(const struct guest *guest, bool lower, const struct leaf *leaf);
void leaf_check_kernel(const struct leaf *leaf);

void times_leave(void);
/* With the lock held: what the checks do is not what others wait for. These nest. */
void waits_stop_clock(void);
void waits_start_clock(void);
/* From the first program on. */
void waits_begin(void);
void waits_report(void);

#endif
