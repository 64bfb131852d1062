/* SPDX-License-Identifier: MIT */
/*
 * When the debug kernel looks at its objects. Some of them with each release of the lock; all of
 * them as often as a sixteenth of the time allows, and at the end of the machine.
 */
#ifndef CHECKS_ON_WALK_H
#define CHECKS_ON_WALK_H

#include "base/types.h"

struct object;
struct processor;

/* At boot: the account of which all others are a part, and the objects that no account pays. */
void walk_begins_at(struct object *account);
void walk_root(struct object *object);

/* At a release of the lock, on this processor. */
void walk_round(struct processor *processor);
void walk_all(void);

/* A deliberate fault: write to the page when it is held. */
void walk_write_later(struct physical page);

/* The architecture's: what lies between the two is not the kernel's own time. */
void arch_checks_begin(void);
void arch_checks_end(void);
/* The kernel's own page tables, which are of no object. */
void arch_check_kernel_tables(void);

#endif
