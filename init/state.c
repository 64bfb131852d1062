/* SPDX-License-Identifier: MIT */
/* What all supervisors share: the description, and the state of every component. */
#include "state.h"

#include <string.h>

#include "purlin/calls.h"

struct description description;
struct component components[DESCRIPTION_COMPONENTS];
struct lock state_lock;

unsigned int component_count(void)
{
	return __atomic_load_n(&description.component_count, __ATOMIC_SEQ_CST);
}

void tell_controllers(void)
{
	for (unsigned int i = 0; i < component_count(); i++)
		if (components[i].control.changed)
			purlin_signal_notify(components[i].control.changed, 1);
}

void tell_all(void)
{
	for (unsigned int i = 0; i < component_count(); i++)
		purlin_signal_notify(components[i].watch, WATCH_CHANGED);
	tell_controllers();
}

purlin_u64 announced_endpoint(const struct component *server, const char *service)
{
	for (unsigned int i = 0; i < server->announced_count; i++) {
		if (!strcmp(server->announced[i].service, service))
			return server->announced[i].endpoint;
	}
	return 0;
}
