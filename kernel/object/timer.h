/* SPDX-License-Identifier: MIT */
/* One-shot timers that notify a signal. */
#ifndef OBJECT_TIMER_H
#define OBJECT_TIMER_H

#include "base/timeout.h"
#include "object/binding.h"
#include "object/object.h"

struct timer {
	struct object object;
	struct timeout timeout;
	struct signal_binding binding;
};

status timer_kill(struct object *object);

#endif
