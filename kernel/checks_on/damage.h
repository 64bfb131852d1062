/* SPDX-License-Identifier: MIT */
/*
 * Faults made on purpose, by the word damage=N of the command line, to show that the check which
 * should find them does.
 */
#ifndef CHECKS_ON_DAMAGE_H
#define CHECKS_ON_DAMAGE_H

#include <stdbool.h>

enum damage {
	DAMAGE_NONE,
	DAMAGE_PRIVILEGE,   /* IOPL 3 in the flags that leave */
	DAMAGE_SEGMENT,	    /* ring 0 in the code segment that leaves */
	DAMAGE_ADDRESS,	    /* RIP in the hole between the halves */
	DAMAGE_ROOT,	    /* another root in CR3 */
	DAMAGE_FOREIGN,	    /* an entry for a page of the kernel */
	DAMAGE_CACHE,	    /* an entry for RAM past the cache */
	DAMAGE_POINTER,	    /* a write to a freed page by whoever had it */
	DAMAGE_TRANSLATION, /* no page leaves the TLBs of other processors */
	DAMAGE_CHARGE,	    /* pages freed, and not credited */
	DAMAGE_REFERENCE,   /* a reference not given back */
	DAMAGE_WAKING,	    /* a thread that is ready, and in no queue */
	DAMAGE_TIMEOUT,	    /* ranks in the heap are wrong */
	DAMAGE_WAIT,	    /* a call that takes too long */
	DAMAGE_ANSWER,	    /* a processor that answers a shoot-down late */
	DAMAGE_HOLD,	    /* the lock held too long, again and again */
	DAMAGE_LEAF_PAGE,   /* an entry of a native PD for the page after its own */
	DAMAGE_LEAF_RIGHTS, /* a native mapping that can be written, made for reading */
	DAMAGE_LEAF_CACHE,  /* one of RAM past the cache */
	DAMAGE_LEAF_BEYOND, /* all are a page longer */
	DAMAGE_REGION,	    /* a region that says so itself: RAM past the cache */
	DAMAGE_KERNEL,	    /* ring 3 may read a page of the kernel */
	DAMAGE_KERNEL_TEXT, /* the kernel's text can be written */
	DAMAGE_HALF,	    /* RAM past the cache in a guest's kernel half */
};

/* True once, after it was asked for this kind often enough. The architecture's. */
bool damage_due(enum damage kind);
/* For a fault that is made all the time. */
bool damage_lasts(enum damage kind);
/* More than a call may take (docs/latency.md). */
void damage_waste_time(void);

#endif
