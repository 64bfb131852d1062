/* SPDX-License-Identifier: MIT */
/* Sessions with core, for a component. */
#ifndef INIT_CORE_SESSIONS_H
#define INIT_CORE_SESSIONS_H

#include "state.h"

/*
 * Open a session with what the component's description grants. Afterwards message word 0 is the
 * badge, for SERVER_CLOSE.
 */
purlin_s64 core_open(struct component *component, const struct description_service *service,
		     purlin_u64 *slot);
/* Close it. This is done at once, since core waits for nobody. */
void core_close(purlin_u64 badge);

#endif
