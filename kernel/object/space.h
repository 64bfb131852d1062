/* SPDX-License-Identifier: MIT */
/*
 * The lower half of a guest process, as two page-table roots that share the
 * tables below the top: the user root, and the kernel root with the guest's
 * kernel half, where the lower half is not executable.
 *
 * What is mapped is a cache of the guest's own page tables: it may be dropped at any time.
 */
#ifndef OBJECT_SPACE_H
#define OBJECT_SPACE_H

#include "object/guest.h"
#include "object/object.h"

struct space {
	struct object object;
	struct guest *guest;
	struct list link; /* of guest.spaces */
	struct physical user_root, kernel_root;
	uint64_t user_id, kernel_id;
	uint64_t cpus;		 /* processors whose TLBs may hold entries of it */
	bool mapped;		 /* the lower half may have tables */
	struct list mapped_link; /* of guest.mapped, if so */
	uint64_t dropped; /* what is mapped came after this generation of the guest, when it is not
			     being swept */
	uint64_t swept;	  /* being swept: so many spans (arch/cursor.h) are through */
	uint64_t slots;	  /* guest.slots as of when it got the kernel half's slots */
};

OBJECT_OF(space)

status space_kill(struct object *object);
/* Forget some mappings of the lower half, so that tables become free, if it has any. */
void space_reclaim(struct space *space);
/* What was mapped at that generation has to go from all spaces. False: a round of it was done. */
bool spaces_sweep(struct guest *guest, uint64_t generation);
/* Take over new slots of the kernel half. To be done before the space is loaded. */
void space_slots_update(struct space *space);

#endif
