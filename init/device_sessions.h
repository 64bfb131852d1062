/* SPDX-License-Identifier: MIT */
/* Device sessions of a Linux, over the lives of their servers. */
#ifndef INIT_DEVICE_SESSIONS_H
#define INIT_DEVICE_SESSIONS_H

#include "state.h"

/* Open a session and start it with the memory that it has. */
purlin_s64 device_session_open(struct component *component, struct device_session *session);
/* Start sessions again whose servers have come back; end those whose servers will not come back. */
void device_sessions_resume(struct component *component);
/* The component has ended: give back what init has of them. */
void device_sessions_drop(struct component *component);

#endif
