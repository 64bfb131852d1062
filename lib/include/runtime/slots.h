/* SPDX-License-Identifier: MIT */
/* Which slots of the component's own capability table are free. */
#ifndef RUNTIME_SLOTS_H
#define RUNTIME_SLOTS_H

#include "purlin/types.h"

/* Size of the capability table of every component; core's is larger. */
#define COMPONENT_SLOTS 4096

/* The component is core: use all of its table. */
void slots_of_core(void);

/* A free slot, or 0 when the table is full. */
purlin_u64 slot_reserve(void);
/* Give back a slot that is empty. Slot 0: nothing happens. */
void slot_release(purlin_u64 slot);
/* Delete the capability in the slot and give it back. Slot 0: nothing happens. */
void slot_delete(purlin_u64 slot);

/* Copy a capability into a fresh slot of this component; badge 0: as it is. */
purlin_s64 slot_copy(purlin_u64 from, purlin_u64 rights, purlin_u64 badge, purlin_u64 *copy);

/* How many are taken: tells what somebody forgot to give back. */
unsigned int slots_in_use(void);

#endif
