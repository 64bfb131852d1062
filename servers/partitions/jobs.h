/* SPDX-License-Identifier: MIT */
/* Requests of clients on their way to the disk and back. */
#ifndef PARTITIONS_JOBS_H
#define PARTITIONS_JOBS_H

#include "table.h"

struct client {
	struct device_client device; /* first */
	const struct share *share;
	struct block_config config;
};

/* Take what the client asks, as far as there is room. */
void jobs_take(struct client *client);
/* Answer what the disk has answered; whether there was anything. */
bool jobs_answer(void);
/* The client is gone: drop the answers to what it has on its way. */
void jobs_leave(const struct client *client);

#endif
