/* SPDX-License-Identifier: MIT */
/* The devices of the description: which of them Linux offers, and the one client that each has. */
#ifndef BROKER_DEVICES_H
#define BROKER_DEVICES_H

#include <stdbool.h>

#include "linuxes.h"
#include "runtime/server.h"
#include "runtime/serves.h"
#include "session/offer.h"
#include "session/virtio.h"

/*
 * How long clients wait for devices at the start, and for a device that is away if its rule gives
 * no time.
 */
#define DEVICES_SECONDS 60
#define DEVICES_SECONDS_MOST 3600

/* As OFFER_DEVICE says. */
struct offered {
	purlin_u64 type, features, queues, queue_size, config_bytes, print;
	purlin_u8 config[VIRTIO_CONFIG_BYTES];
};

/* A part of what the client lends besides, as VIRTIO_LEND says. */
struct lent_part {
	purlin_u64 memory; /* slot */
	purlin_u64 address, offset, pages;
};

/* A client's session. All slots are 0 before the start. */
struct client_session {
	purlin_u64 badge, endpoint; /* badge 0: there is none */
	purlin_u64 memory, signal;  /* slots */
	purlin_u64 features, queue_size, pages;
	unsigned int lent_count;
	struct lent_part lent[VIRTIO_LENT_PARTS];
	purlin_u64 start; /* never the same twice; 0: not started */
	struct virtio_control *control;
};

struct device {
	char rule[PARENT_SERVES_BYTES]; /* taken apart in place */
	const char *label, *client, *service, *identity;
	const char *part; /* of the device; "": the whole */
	const char *file; /* in the file system there; "": none */
	bool read_only;
	unsigned int seconds; /* that it may be away */
	struct linux *linux;  /* that offers it */
	unsigned int number;  /* among those that this one offers */
	bool known;	      /* some life of Linux has offered it: `offer` says what it was */
	bool present;	      /* Linux offers it now */
	purlin_u64 deadline;  /* TSC: if it is absent then, its session is over */
	struct offered offer;
	purlin_u64 doorbell; /* slot of the signal that clients notify */
	struct client_session session;
};

/* Read the rules; a sentence if they make no sense. */
const char *devices_read(void);
unsigned int devices_count(void);
/* A device by its number, below devices_count(). */
struct device *device_at(unsigned int index);
/* A device by its number in the list of this Linux. NULL: there is no such number. */
struct device *device_number(const struct linux *linux, purlin_u64 number);
struct device *device_for(const char *client, const char *label);
struct device *device_of_session(purlin_u64 badge);

/* Is every device of the description there? */
bool devices_all_known(void);

/* The session is over: give back what the client has lent. Without a session nothing happens. */
void device_session_end(struct device *device);
/*
 * Tell the client in the server's place that requests under way have failed. The client keeps its
 * memory.
 */
void device_session_break(struct device *device, const char *why);

#endif
