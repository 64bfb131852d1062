/* SPDX-License-Identifier: MIT */
/* Opening and closing sessions, as init asks for it. */
#ifndef CORE_OPENING_H
#define CORE_OPENING_H

#include "runtime/server.h"

/* Clients call at `endpoint`, with the badge of their session. */
purlin_s64 session_create(purlin_u64 endpoint, struct request *request);
purlin_s64 session_close(purlin_u64 badge);

#endif
