/* SPDX-License-Identifier: MIT */
/* RAM that a Linux takes and gives back while it runs: `memory-most` in its description. */
#ifndef INIT_RAM_TARGET_H
#define INIT_RAM_TARGET_H

#include "runtime/server.h"
#include "state.h"

/* Each has what its description says. Before anything is started. */
purlin_s64 ram_target_prepare(void);
/* Its RAM account gets the limit that it may have now; if that changes, the Linux is told. To be
 * called by its supervisor whenever something may have changed. */
void ram_target_look(struct component *component);
/* PARENT_RAM */
purlin_s64 ram_target_request(struct component *component, struct request *request);
/* CONTROL_SET_RAM, for a component that there is; by the thread of a Control session. */
purlin_s64 ram_target_set(struct component *target, purlin_u64 bytes);
/* Bytes beyond `memory` that it is to have. For any thread. */
purlin_u64 ram_target_of(const struct component *component);

#endif
