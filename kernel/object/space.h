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
	uint64_t cpus;	  /* processors whose TLBs may hold entries of it */
	bool mapped;	  /* the lower half has tables */
	uint64_t dropped; /* the guest's generation when its mappings were last dropped */
};

static inline struct space *space_of(struct object *object)
{
	return container_of(object, struct space, object);
}

status space_kill(struct object *object);
/* Forget all mappings of the lower half. */
void space_drop(struct space *space);

#endif
