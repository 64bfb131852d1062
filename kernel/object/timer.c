// SPDX-License-Identifier: MIT
/* Timers. */
#include "object/timer.h"

#include "base/arch.h"
#include "core/call.h"
#include "object/account.h"
#include "object/capability.h"

static struct timer *timer_of(struct object *object)
{
	return container_of(object, struct timer, object);
}

static void expired(struct timeout *timeout)
{
	signal_fire(&container_of(timeout, struct timer, timeout)->binding);
}

status timer_kill(struct object *object)
{
	struct timer *timer = timer_of(object);

	timeout_cancel(&timer->timeout);
	return signal_unbind(&timer->binding);
}

CALL_HANDLER(timer_create)
{
	struct account *account = account_of(object);
	struct capability *slot;
	struct timer *timer;
	status result = capability_slot(caller, arguments[1], &slot);

	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	timer = account_allocate(account, sizeof(*timer));
	if (!timer)
		return PURLIN_NO_MEMORY;
	timer->timeout.function = expired;
	object_init(&timer->object, PURLIN_TYPE_TIMER, account);
	capability_fill(slot, &timer->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

CALL_HANDLER(timer_set)
{
	struct timer *timer = timer_of(object);
	uint64_t deadline = arguments[1];
	struct capability *signal;
	status result = capability_of(caller, arguments[2], PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE,
				      &signal);

	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return call_refuse(3, result);
	if (signal_bind(&timer->binding, signal, arguments[3]) == CALL_RESTART)
		return CALL_RESTART;
	if (deadline > arch_time()) {
		timeout_set(&timer->timeout, deadline);
	} else {
		timeout_cancel(&timer->timeout);
		signal_fire(&timer->binding);
	}
	return PURLIN_OK;
}
