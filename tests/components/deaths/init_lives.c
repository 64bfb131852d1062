/* SPDX-License-Identifier: MIT */
/* init with a census of itself and of core before it starts a component again, when nothing of its
 * last life is left. */
#include "census.h"
#include "init/state.h"
#include "purlin/boot.h"
#include "runtime/rpc.h"
#include "session/parent.h"

#define SERVICE_WORDS (PARENT_SERVICE_BYTES / 8)
#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)

void __real_route_await_devices(struct component *component);
void __wrap_route_await_devices(struct component *component);

/* core_census.c tells, and core knows no such service. */
static void ask_core(void)
{
	purlin_u64 none;

	message_put_text(0, PARENT_SERVICE_BYTES, "Census");
	message_put_text(SERVICE_WORDS, PARENT_LABEL_BYTES, "init");
	(void)rpc_exchange(PURLIN_SLOT_PARENT, PARENT_OPEN, SERVICE_WORDS + LABEL_WORDS, 0, NULL, 1,
			   &none);
}

void __wrap_route_await_devices(struct component *component)
{
	__real_route_await_devices(component);
	census_tell();
	ask_core();
}
