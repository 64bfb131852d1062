/* SPDX-License-Identifier: MIT */
/* Parts of the checks to each other. */
#ifndef CHECKS_OWN_H
#define CHECKS_OWN_H

#include "base/types.h"

void times_leave(void);

/*
 * Faults made on purpose, by the word damage=N of the command line, to show that the check which
 * should find them does. True once, after the kernel has been left often enough.
 */
enum damage {
	DAMAGE_NONE,
	DAMAGE_PRIVILEGE, /* IOPL 3 in the flags that leave */
	DAMAGE_SEGMENT,	  /* ring 0 in the code segment that leaves */
	DAMAGE_ADDRESS,	  /* RIP in the hole between the halves */
	DAMAGE_ROOT,	  /* another root in CR3 */
	DAMAGE_FOREIGN,	  /* an entry for a page of the kernel */
	DAMAGE_CACHE,	  /* an entry for RAM past the cache */
};
bool damage_due(enum damage kind);

#endif
