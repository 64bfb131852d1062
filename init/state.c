/* SPDX-License-Identifier: MIT */
/* What all supervisors share: the description, and the state of every component. */
#include "init.h"
#include "purlin/calls.h"

struct description description;
struct component components[DESCRIPTION_COMPONENTS];
struct lock state_lock;

void tell_all(void)
{
	for (unsigned int i = 0; i < description.component_count; i++)
		purlin_signal_notify(components[i].watch, WATCH_CHANGED);
}
