/* SPDX-License-Identifier: MIT */
/* The kinds of session of session/services.h, as data. */
#include "services.h"

#include <stddef.h>
#include <string.h>

#include "session/services.h"

/* The words in the columns of session/services.h. */
#define NOT_AT_START DELIVERY_NOT_AT_START, NULL, NULL, 0, 0, 0, 0
#define DEVICES DELIVERY_DEVICES, NULL, NULL, 0, 0, 0, 0
#define OWN(property, node) DELIVERY_OWN, property, node, 0, 0, 0, 0
#define SHARED(property, node, operation, pages) \
	DELIVERY_SHARED, property, node, operation, pages, 0, 0
#define VIRTIO(property, node, type, pages, features) \
	DELIVERY_VIRTIO, property, node, 0, pages, type, features
#define CORE(id, name, grants) { name, true, GRANTS_##grants, NOT_AT_START },
#define COMPONENT(id, name, grants, guest) { name, false, GRANTS_##grants, guest },

const struct description_service description_services[] = { SESSION_SERVICES(CORE, COMPONENT) };
const unsigned int description_service_count =
	sizeof(description_services) / sizeof(description_services[0]);

/* The reader of descriptions has a bit of 64 for each property, these after its own. */
_Static_assert(sizeof(description_services) / sizeof(description_services[0]) <= 32, "bits");

const struct description_service *description_service(const char *name)
{
	for (unsigned int i = 0; i < description_service_count; i++)
		if (!strcmp(description_services[i].name, name))
			return &description_services[i];
	return NULL;
}

bool description_core_service(const char *name)
{
	const struct description_service *service = description_service(name);

	return service && service->by_core;
}
