/* SPDX-License-Identifier: MIT */
/* The kinds of session of session/services.h, as data. */
#ifndef DESCRIPTION_SERVICES_H
#define DESCRIPTION_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

/* What init adds to a request for a session. */
enum service_grants {
	GRANTS_ARGUMENTS, /* nothing: the client's own words */
	GRANTS_IO_PORTS,
	GRANTS_IO_MEMORY,
	GRANTS_IRQS,
	GRANTS_HARDWARE,
	GRANTS_RAM_QUOTA,
	GRANTS_PCI_RULES,
	GRANTS_CONTROL,
};

/* How a Linux gets its sessions before it starts. */
enum service_delivery {
	DELIVERY_NOT_AT_START,
	DELIVERY_SHARED,
	DELIVERY_VIRTIO,
	DELIVERY_OWN,
	DELIVERY_DEVICES,
};

struct description_service {
	const char *name;
	bool by_core;
	enum service_grants grants;
	enum service_delivery delivery;
	/* DELIVERY_SHARED, DELIVERY_VIRTIO, DELIVERY_OWN */
	const char *property; /* of the Linux component, with the labels */
	const char *node;     /* of the guest's device tree */
	/* DELIVERY_SHARED, DELIVERY_VIRTIO */
	uint32_t operation; /* that makes the server share its memory */
	uint32_t pages;
	/* DELIVERY_VIRTIO */
	uint32_t type;
	uint64_t features; /* that may be taken, the transport's left out */
};

extern const struct description_service description_services[];
extern const unsigned int description_service_count;

/* NULL: a service between components that nobody else has to know. */
const struct description_service *description_service(const char *name);
bool description_core_service(const char *name);

#endif
