/* SPDX-License-Identifier: MIT */
/* The ports of the switch: whose they are, their address and their rate, by the description. */
#ifndef SWITCH_PORTS_H
#define SWITCH_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/serves.h"

#define PORTS 16
#define MAC_BYTES 6

struct port {
	char rule[PARENT_SERVES_BYTES]; /* "NAME MAC RATE COMPONENT [uplink]", taken apart in place
					 */
	const char *name, *mac_text, *owner;
	uint8_t mac[MAC_BYTES];
	bool uplink;   /* a way to others, whose addresses are not known here */
	uint64_t rate; /* bytes in a second */
	/* How many bytes may be sent now, and when that was so: a time of the TSC. */
	uint64_t allowance, counted;
};

/* A sentence if the rules make no sense. */
const char *ports_read(void);
/* The port of that name that is for that component, or NULL. */
struct port *port_of(const char *component, const char *name);
/* The port with that address, or NULL. */
struct port *port_of_mac(const uint8_t mac[MAC_BYTES]);

/*
 * Whether the port may send, at time `now` of a counter of `frequency`. If not, *when says from
 * when on.
 */
bool port_may_send(struct port *port, uint64_t now, uint64_t frequency, uint64_t *when);
void port_sent(struct port *port, uint64_t bytes);

#endif
