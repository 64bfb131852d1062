/* SPDX-License-Identifier: MIT */
/* init that keeps a page of each component that has ended. In place of its own, by --wrap. */
#include "init/route.h"
#include "runtime/memory.h"

void __real_route_withdraw(struct component *component);
void __wrap_route_withdraw(struct component *component);

void __wrap_route_withdraw(struct component *component)
{
	purlin_u64 memory;

	(void)memory_new(PURLIN_SLOT_ACCOUNT, 1, 0, &memory);
	__real_route_withdraw(component);
}
