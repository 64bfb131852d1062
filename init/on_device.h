/* SPDX-License-Identifier: MIT */
/* Components that are started when a device comes (`on-device`). */
#ifndef INIT_ON_DEVICE_H
#define INIT_ON_DEVICE_H

#include "state.h"

/* Called by the component's supervisor, now and whenever its watch tells something. */
void on_device_await(struct component *component);
/* Should the component be started? */
bool on_device_come(struct component *component);

#endif
