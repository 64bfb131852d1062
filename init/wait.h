/* SPDX-License-Identifier: MIT */
/* What a supervisor waits for. */
#ifndef INIT_WAIT_H
#define INIT_WAIT_H

#include "purlin/types.h"

struct component;
struct question;

/* Sleep until something may have changed. DEAD: the component has ended meanwhile, AGAIN:
 * `deadline` (TSC) is over. */
purlin_s64 component_wait(struct component *component, purlin_u64 deadline);
/* Ask and wait. DEAD: the component has ended, or the server does not answer; *question is then
 * NULL and not the caller's any more. */
purlin_s64 component_ask(struct component *component, struct question **question);
/* Wait until the servers of its last life have answered, or are late. */
void component_await_closing(struct component *component);

#endif
