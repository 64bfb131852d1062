/* SPDX-License-Identifier: MIT */
/* Devices: what the platform knows, for those who look. No request touches a device. */
#ifndef PLATFORM_DEVICES_SESSION_H
#define PLATFORM_DEVICES_SESSION_H

#include "pci_session.h"
#include "runtime/server.h"

#include "session/devices.h"

#define DEVICES_VIEWERS 8

/* A session that does not see everything. */
struct devices_viewer {
	purlin_u64 badge; /* 0: not in use */
	bool may_move;
	unsigned int count;
	char name[DEVICES_NAMES][DEVICES_NAME_WORDS * 8 + 1];
};

/* The words of SERVER_OPEN after the label. *viewer is NULL for a session that sees everything; it
 * is in use when it has got its badge. */
purlin_s64 devices_open(const purlin_u64 *word, unsigned int words, struct devices_viewer **viewer);
/* The viewer with this badge, or NULL. */
struct devices_viewer *devices_viewer(purlin_u64 badge);

/* Any request of session/devices.h; viewer NULL: it sees everything. With the turn taken. */
purlin_s64 devices_request(struct pci_server *server, const struct devices_viewer *viewer,
			   struct request *request);

#endif
