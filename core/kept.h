/* SPDX-License-Identifier: MIT */
/* Ranges that only a component with everything (`hardware`) may claim, whether it is there or not.
 */
#ifndef CORE_KEPT_H
#define CORE_KEPT_H

#include "session.h"

/* Where the firmware's tables lie is known from the start. */
void kept_start(void);
/*
 * The session ends, and its component with it: what it held stays for the one that comes after it,
 * which has to find tables, configuration space and ports as they were. Only for such components.
 */
void kept_add(const struct session *session, struct range range);
/* The component has given the range back of its own accord. */
void kept_remove(const struct session *session, struct range range);
/* May the session not have the range for this reason? */
bool kept_from(const struct session *session, struct range range);

#endif
