/* SPDX-License-Identifier: MIT */
/* Those who offer. */
#include "linuxes.h"

#include <string.h>

#include "purlin/calls.h"
#include "session/offer.h"

static struct linux linuxes[OFFER_DEVICES];
static unsigned int count;

static struct linux *find(const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(linuxes[i].name, name))
			return &linuxes[i];
	return NULL;
}

struct linux *linux_named(const char *name)
{
	struct linux *found = find(name);

	if (found || count == OFFER_DEVICES)
		return found;
	linuxes[count].name = name;
	return &linuxes[count++];
}

struct linux *linux_of_component(const char *name)
{
	struct linux *found = find(name);

	return found ? found : find("");
}

struct linux *linux_of_badge(purlin_u64 badge)
{
	for (unsigned int i = 0; i < count; i++)
		if (badge && linuxes[i].badge == badge)
			return &linuxes[i];
	return NULL;
}

void linuxes_tell(void)
{
	for (unsigned int i = 0; i < count; i++)
		if (linuxes[i].signal)
			purlin_signal_notify(linuxes[i].signal, ~0ull);
}
