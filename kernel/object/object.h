/* SPDX-License-Identifier: MIT */
/*
 * What capabilities point to. An object is
 *   alive: in its account's list `objects`;
 *   dying (dead): object_kill began and may need more rounds; all calls but
 *     object_destroy get DEAD;
 *   gone: killed; kept only for the references left, in its account's list `remains`.
 * References are capabilities and pointers inside the kernel that outlive a call.
 */
#ifndef OBJECT_OBJECT_H
#define OBJECT_OBJECT_H

#include "base/list.h"
#include "base/types.h"

struct account;

struct object {
	uint8_t type; /* PURLIN_TYPE_* */
	bool dead;
	bool gone;
	bool root; /* made at boot: cannot be destroyed */
	uint32_t references;
	struct account *account; /* who pays; NULL only for the root account and the other roots */
	struct list siblings;	 /* of the account's list */
};

/* For each type: NAME_of(object) is the `struct NAME` that contains it. */
#define OBJECT_OF(name)                                             \
	static inline struct name *name##_of(struct object *object) \
	{                                                           \
		return container_of(object, struct name, object);   \
	}

/* The memory is zeroed and from account_allocate(account, ...). */
void object_init(struct object *object, uint8_t type, struct account *account);

static inline void object_get(struct object *object)
{
	object->references++;
}

/*
 * Give a reference back. With the last one endpoints, signals, memory, interrupts, ports,
 * timers and spaces end; threads, PDs and accounts live until they are destroyed. An end may take
 * rounds: CALL_RESTART keeps the reference, and the same has to be asked again.
 */
status object_drop(struct object *object);
/* For a reference that is not the last, or to what is dying already and left to its killer. */
void object_put(struct object *object);

/*
 * Destroy: PURLIN_OK when gone, CALL_RESTART when it needs another round because an
 * interrupt waits. Every round gets something done before it looks for interrupts.
 */
status object_kill(struct object *object);
/* One of several that end together: destroyed, and freed if nobody refers to it. CALL_RESTART also
 * when it is done, but an interrupt waits. */
status object_end(struct object *object);
/* Return the memory of one that is gone and has no reference left. */
void object_free(struct object *object);

#endif
