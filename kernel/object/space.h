/* SPDX-License-Identifier: MIT */
/*
 * The lower half of a guest process. What is mapped there is a cache of the guest's own page
 * tables: it may be dropped at any time, and with it the roots, if no vCPU is in the space. So a
 * process that waits may cost the guest's account no page at all.
 */
#ifndef OBJECT_SPACE_H
#define OBJECT_SPACE_H

#include "base/arch.h"
#include "base/lock.h"
#include "object/guest.h"
#include "object/object.h"

struct space {
	struct object object;
	struct guest *guest;
	struct list link; /* of guest.spaces */
	struct arch_space arch;
	/*
	 * Protects the tables and arch.cpus. Batches hold it; a short batch holds no other lock
	 * (batch_quick()). Whoever takes away a table, an attachment or the space raises
	 * guest->generation and then takes this lock: from then on no batch uses what is gone.
	 */
	uint32_t lock;
	bool mapped;		 /* it has roots, and may have tables */
	struct list mapped_link; /* of guest.mapped, if so */
	uint64_t dropped; /* what is mapped came after this generation of the guest, when it is not
			     being swept */
	uint64_t swept;	  /* being swept: how far (arch_space_drop()) */
};

OBJECT_OF(space)

/* For holders of the kernel lock: they may wait, since whoever holds only this one is soon done. */
static inline void space_lock(struct space *space)
{
	while (!lock_try(&space->lock))
		arch_pause();
}

static inline void space_unlock(struct space *space)
{
	lock_release(&space->lock);
}

status space_kill(struct object *object); /* guest_life.c */
/* Free the tables of a space that no vCPU is in any more, in rounds. */
status space_end(struct space *space);
/* Give it roots, since something is about to be mapped, or a vCPU to enter it: NO_MEMORY. */
status space_open(struct space *space);
bool space_in_use(const struct space *space); /* a vCPU is in it (guest_life.c) */
/*
 * Drop some mappings of the lower half, if it has any, so that tables become free. Its lock is
 * held.
 */
void space_reclaim(struct space *space);
/*
 * Make room in the account of the guest: drop the mappings of a space, not those of `keep`. They
 * are a cache of the guest's own page tables. False: nothing left to drop.
 */
bool guest_reclaim(struct guest *guest, const struct space *keep);
/*
 * Remove what was mapped up to that generation from all spaces. False: one round was done, and this
 * has to be called again.
 */
bool spaces_sweep(struct guest *guest, uint64_t generation);

#endif
