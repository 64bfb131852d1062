/* SPDX-License-Identifier: MIT */
/* The dispatcher of calls. */
#ifndef CORE_CALL_H
#define CORE_CALL_H

#include "base/call.h"

/* Handle the call the thread's registers hold. The thread may not be running afterwards. */
void call_dispatch(struct thread *caller);

const char *call_name(uint64_t number);
const char *status_name(status reason);

#endif
