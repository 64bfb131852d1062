/* SPDX-License-Identifier: MIT */
/*
 * Who pays. Accounts form a tree; a child's limit is taken from its parent's.
 * Everything the kernel keeps for somebody is charged, by the page, to an account; small
 * things live in slabs that belong to one account.
 */
#ifndef OBJECT_ACCOUNT_H
#define OBJECT_ACCOUNT_H

#include "object/object.h"

#define SLAB_KINDS 9
#define ACCOUNT_DEPTH_MAX 16

struct account {
	struct object object;
	struct account *parent;
	uint64_t limit, used; /* pages */
	unsigned int depth;   /* root: 0 */
	struct list objects;  /* alive or dying, paid by this account: struct object.siblings */
	struct list remains;  /* gone, but referenced */
	struct list slabs[SLAB_KINDS]; /* with room */
	struct list full_slabs[SLAB_KINDS];
	/* Budget of log lines for what the account pays for: account_log_allowed(). */
	uint64_t log_since;
	uint32_t log_lines, log_dropped;
};

/*
 * May a line about a fault of a component be written? Everything that one component's account pays
 * for may cause 32 lines at once, and one more each second. Tells how many lines were dropped
 * before.
 */
bool account_log_allowed(struct account *account);

/* Set up the account that owns all memory; not itself allocated. */
void account_init_root(struct account *account, uint64_t pages);

/* Zeroed kernel memory, 64-byte aligned (a page of its own above 1984 bytes); at most a page. NULL:
 * no memory. */
void *account_allocate(struct account *account, size_t bytes);
/* The allocation that contains this address. */
void account_free(struct account *account, void *memory);

/* A zeroed page, for tables and buffers; PHYSICAL_NONE: no memory. */
struct physical account_page(struct account *account);
void account_page_free(struct account *account, struct physical page);

/* Charge pages that are allocated elsewhere. */
status account_charge(struct account *account, uint64_t pages);
void account_credit(struct account *account, uint64_t pages);

/* `pages` of a dying account stay in use: its parent pays for them from now on. */
void account_bequeath(struct account *account, uint64_t pages);
/*
 * The slabs of a dying account become the parent's, since what is left in them is still referenced.
 * In rounds.
 */
status slabs_bequeath(struct account *account);

OBJECT_OF(account)

#endif
