/* SPDX-License-Identifier: MIT */
/* What a component asks of its parent: sessions, services, rules, memory that it keeps. */
#ifndef INIT_PROVISION_H
#define INIT_PROVISION_H

#include "runtime/server.h"
#include "state.h"

/* PARENT_OPEN and PARENT_ANNOUNCE. */
purlin_s64 provision_open(struct component *component, struct request *request);
purlin_s64 provision_announce(struct component *component, struct request *request);

/* PARENT_SERVES and PARENT_KEPT. */
purlin_s64 provision_serves(const struct component *component, struct request *request);
purlin_s64 provision_kept(struct component *component, struct request *request);

/* The signal by which it hears of servers that end. */
purlin_s64 provision_watch(struct component *component, struct request *request);

#endif
