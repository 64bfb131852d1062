/* SPDX-License-Identifier: MIT */
/* Capability tables: one for each PD, in pages that come when first used. */
#ifndef OBJECT_CAPABILITY_H
#define OBJECT_CAPABILITY_H

#include "base/arch.h"
#include "base/call.h"
#include "object/object.h"

#define CAPABILITY_SLOTS_MIN 16
#define CAPABILITY_SLOTS_MAX 65536

struct capability {
	struct object *object; /* NULL: empty */
	uint64_t badge;	       /* endpoint, signal: 0 unbadged */
	uint32_t rights;
	uint32_t reserved[3];
};
#define CAPABILITIES_PER_PAGE (PAGE_SIZE / sizeof(struct capability))
#define CAPABILITY_PAGES_MAX (CAPABILITY_SLOTS_MAX / CAPABILITIES_PER_PAGE)
_Static_assert(sizeof(struct capability) == 32, "slots divide pages by shifts");
_Static_assert(CAPABILITY_PAGES_MAX * sizeof(void *) <= PAGE_SIZE, "one page of pointers");

struct capability_table {
	struct capability **pages; /* one page of pointers */
	uint32_t slots;
};

status capability_table_create(struct capability_table *table, struct account *account,
			       uint32_t slots);
/* In rounds (CALL_RESTART); `account` paid for the table. */
status capability_table_destroy(struct capability_table *table, struct account *account);

/* The filled slot, or NULL. */
static inline struct capability *capability_find(const struct capability_table *table,
						 uint64_t slot)
{
	struct capability *page;

	if (slot >= table->slots)
		return NULL;
	slot = arch_index_limit(slot, table->slots);
	page = table->pages[slot / CAPABILITIES_PER_PAGE];
	if (!page || !page[slot % CAPABILITIES_PER_PAGE].object)
		return NULL;
	return &page[slot % CAPABILITIES_PER_PAGE];
}

/*
 * An empty slot for a new capability: BAD_ARGUMENT (out of range, or slot 0), SLOT_IN_USE,
 * NO_MEMORY.
 */
status capability_vacancy(struct capability_table *table, struct account *account, uint64_t slot,
			  struct capability **found);
void capability_fill(struct capability *capability, struct object *object, uint32_t rights,
		     uint64_t badge);
/*
 * The filled slot of an object of this type that is alive, with these rights; else
 * BAD_CAPABILITY, DEAD or NO_RIGHT.
 */
static inline status capability_of(const struct capability_table *table, uint64_t slot,
				   uint8_t type, uint32_t rights, struct capability **found)
{
	struct capability *capability = capability_find(table, slot);

	if (!capability || capability->object->type != type)
		return PURLIN_BAD_CAPABILITY;
	if (capability->object->dead)
		return PURLIN_DEAD;
	if ((capability->rights & rights) != rights)
		return PURLIN_NO_RIGHT;
	*found = capability;
	return PURLIN_OK;
}

/* Empty it. The last capability of an object may take time: see object_drop. */
status capability_clear(struct capability *capability);

#endif
