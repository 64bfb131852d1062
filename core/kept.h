/* SPDX-License-Identifier: MIT */
/* Ranges that only a component with `hardware` may claim, even while no such component runs. */
#ifndef CORE_KEPT_H
#define CORE_KEPT_H

#include "session.h"

/* Keep the firmware's tables, whose place is known from the start. */
void kept_start(void);
/*
 * A session ends together with its component: keep what it held for the component's successor,
 * which has to find tables, configuration space and ports as they were. Only for components with
 * `hardware`.
 */
void kept_add(const struct session *session, struct range range);
/* The component has given the range back of its own accord. */
void kept_remove(const struct session *session, struct range range);
/* Is the range kept from this session? */
bool kept_from(const struct session *session, struct range range);

#endif
