// SPDX-License-Identifier: MIT
/* The looks at kernel objects and freed pages. */
#include "checks_on/walk.h"

#include "base/arch.h"
#include "checks_on/held_pages.h"
#include "checks_on/objects.h"
#include "debug/log.h"

#define ROOTS 8
#define SHARE 16 /* of the time: one part for looking at all */

static struct object *account, *roots[ROOTS];
static unsigned int root_count;
static uint64_t next;		   /* time of the next look at all */
static struct physical written_to; /* by a deliberate fault; 0: no page */

void walk_begins_at(struct object *object)
{
	account = object;
}

void walk_root(struct object *object)
{
	kernel_assert(root_count < ROOTS);
	roots[root_count++] = object;
}

void walk_write_later(struct physical page)
{
	written_to = page;
}

void walk_all(void)
{
	if (account)
		objects_check(account, roots, root_count);
	arch_check_kernel_tables();
	held_pages_verify();
}

void walk_round(struct processor *processor)
{
	uint64_t begun = arch_time();

	objects_check_some(processor);
	held_pages_round();
	if (written_to.value)
		*(uint64_t *)arch_physical_to_kernel(written_to) = 0;
	written_to.value = 0;
	if (begun < next)
		return;
	walk_all();
	next = begun + SHARE * (arch_time() - begun);
}
