/* SPDX-License-Identifier: MIT */
/* The services that core has, by name. */
#include "service.h"

#include <string.h>

#define SERVICE_ENTRY(id, name, grants) { name, &service_##id },

static const struct {
	const char *name;
	const struct service *service;
} services[] = { SESSION_SERVICES(SERVICE_ENTRY, SERVICE_ELSEWHERE) };

const struct service *service_find(const char *name)
{
	for (unsigned int i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (!strcmp(services[i].name, name))
			return services[i].service;
	return NULL;
}
