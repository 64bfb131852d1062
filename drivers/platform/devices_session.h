/* SPDX-License-Identifier: MIT */
/* Devices: what the platform knows, for those who look. Nothing here touches a device. */
#ifndef PLATFORM_DEVICES_SESSION_H
#define PLATFORM_DEVICES_SESSION_H

#include "pci_session.h"
#include "runtime/server.h"

/* Any request of session/devices.h. With the turn taken. */
purlin_s64 devices_request(const struct pci_server *server, struct request *request);

#endif
