/* SPDX-License-Identifier: MIT */
/* Frames on their way from one client of the switch to others. */
#ifndef SWITCH_FRAMES_H
#define SWITCH_FRAMES_H

#include "ports.h"
#include "runtime/device_service.h"

#define QUEUE_RECEIVE 0 /* as the client says */
#define QUEUE_TRANSMIT 1
#define FRAME_LEAST 14
#define FRAME_MOST 1518 /* with a tag of a virtual network */

struct client {
	struct device_client device; /* first */
	struct port *port;
	bool waiting; /* it has sent more than its rate allows */
	bool told;    /* in this turn something came for it */
};

/* Both functions look after all DEVICE_CLIENTS. */
extern struct client clients[];

/* Send one frame of a client where it may go; how many bytes that were. */
uint32_t frame_send(struct client *client, const struct virtio_chain *chain);

#endif
