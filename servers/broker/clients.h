/* SPDX-License-Identifier: MIT */
/* The clients' side: sessions are opened, started and closed. */
#ifndef BROKER_CLIENTS_H
#define BROKER_CLIENTS_H

#include "devices.h"

/* From init (session/parent.h). `badge` for the session, at this endpoint. */
purlin_s64 client_open(struct request *request, purlin_u64 endpoint, purlin_u64 badge);
purlin_s64 client_close(const struct request *request);
/* VIRTIO_INFO and VIRTIO_START. */
purlin_s64 client_request(struct device *device, struct request *request);

#endif
