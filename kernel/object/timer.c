// SPDX-License-Identifier: MIT
/* Timers. */
#include "object/timer.h"

#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"

OBJECT_OF(timer)

static void expired(struct timeout *timeout)
{
	signal_fire(&container_of(timeout, struct timer, timeout)->binding);
}

status timer_kill(struct object *object)
{
	struct timer *timer = timer_of(object);

	/* First: giving up the signal may take rounds, in which it must not fire. */
	timeout_cancel(&timer->timeout);
	return signal_unbind(&timer->binding);
}

CALL_HANDLER(timer_create)
{
	struct object *object;
	status result = call_create(call, account_of(call->object), PURLIN_TYPE_TIMER,
				    sizeof(struct timer), &object);

	if (result == PURLIN_OK)
		timer_of(object)->timeout.function = expired;
	return result;
}

CALL_HANDLER(timer_set)
{
	struct timer *timer = timer_of(call->object);
	uint64_t deadline = call->arguments->timer_set.deadline_tsc;
	status result = signal_bind(&timer->binding, call, 3);

	if (result != PURLIN_OK)
		return result;
	/* A deadline in the past fires in this call, without the detour through the hardware. */
	if (deadline > arch_time()) {
		timeout_set(&timer->timeout, deadline);
	} else {
		timeout_cancel(&timer->timeout);
		signal_fire(&timer->binding);
	}
	return PURLIN_OK;
}
