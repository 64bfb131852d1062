/* SPDX-License-Identifier: MIT */
/*
 * The part of a PD that makes it a guest: guest-physical memory, the kernel half that
 * all its spaces share, its spaces and its vCPUs.
 *
 * The kernel half lives in the upper slots of `root`; each space's kernel root
 * has copies of those slots, so the tables below are shared. A new slot is copied to the
 * spaces vCPUs are in, and to each other one before it is loaded the next time.
 */
#ifndef OBJECT_GUEST_H
#define OBJECT_GUEST_H

#include "object/memory.h"
#include "object/object.h"

struct pd;

#define GUEST_ATTACHMENTS 128

/* Pages of a memory object as guest-physical memory. */
struct attachment {
	struct guest *guest;
	struct list memory_link;
	struct memory *memory; /* referenced */
	uint64_t address;      /* guest-physical */
	uint64_t pages;
	struct physical base;
	uint32_t rights;      /* PURLIN_MAP_*, cache bits resolved */
	unsigned int holders; /* vCPUs whose state page lies here */
	/* Being removed: nothing is mapped from it any more. How far that went is said in 2 MiB
	 * of the kernel half; spaces older than `generation` have to drop their mappings. */
	bool dying;
	uint64_t cleared;
	uint64_t generation;
};

struct guest {
	struct pd *pd;
	struct physical root; /* the kernel half, and an empty lower half */
	uint64_t id;
	uint64_t generation; /* grows when tables or attachments go */
	uint64_t cpus;	     /* processors that ran a vCPU of this guest */
	uint64_t slots;	     /* slots of the kernel half that came into use */
	struct list spaces;
	struct list mapped;	/* those that may have tables, in the order of `dropped` */
	struct space *sweeping; /* mapped, being swept; NULL: none */
	struct list vcpus;
	unsigned int attachments;
	struct attachment *attachment[GUEST_ATTACHMENTS]; /* by address */
};

/* The PD's guest part, made when first asked for; NULL without memory. */
struct guest *guest_of(struct pd *pd);

/* The attachment that holds all of these guest-physical pages, or NULL; none that is dying. */
struct attachment *guest_find(const struct guest *guest, uint64_t address, uint64_t pages);

/* What a mapping of the attachment with these PURLIN_MAP_* rights looks like; false: not allowed.
 */
bool attachment_rights(const struct attachment *attachment, uint32_t rights, uint32_t *resolved);

/* Undo it; no vCPU's state page may lie there. CALL_RESTART: an interrupt waits. */
status attachment_remove(struct attachment *attachment);

/* The PD dies, its threads are gone: everything here ends, too. CALL_RESTART as above. */
status guest_destroy(struct pd *pd);

#endif
