// SPDX-License-Identifier: MIT
/* Calls on the log: text in and out, trace categories, counters. */
#include "base/arch.h"
#include "core/call.h"
#include "base/pages.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/capability.h"
#include "object/pd.h"
#include "object/signal.h"
#include "object/thread.h"

#define TEXT_MAX (PURLIN_MESSAGE_WORDS * sizeof(purlin_u64))
_Static_assert(TEXT_MAX == 480, "ABI: log_write");

static struct signal_binding watcher;

static void log_grown(void)
{
	signal_fire(&watcher);
}

CALL_HANDLER(log_write)
{
	char text[TEXT_MAX];

	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	if (arguments[1] > TEXT_MAX || (arguments[1] && !caller->message))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (arguments[1])
		memcpy(text, caller->message->word, arguments[1]);
	log_text(caller->pd->name, text, arguments[1]);
	log_ring_deliver();
	return PURLIN_OK;
}

CALL_HANDLER(log_uart)
{
	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	if (arguments[1] > 1)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	arch_call_result(caller, 0, log_uart_owner(arguments[1]));
	return PURLIN_OK;
}

CALL_HANDLER(log_read)
{
	char text[TEXT_MAX];
	uint64_t next;
	size_t bytes;

	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	if (!caller->message)
		return PURLIN_AGAIN; /* nowhere to put it */
	bytes = log_ring_read(arguments[1], text, TEXT_MAX, &next);
	if (!bytes)
		return PURLIN_AGAIN;
	memcpy(caller->message->word, text, bytes);
	arch_call_result(caller, 0, bytes);
	arch_call_result(caller, 1, next);
	return PURLIN_OK;
}

CALL_HANDLER(log_watch)
{
	struct capability *signal;
	status result = capability_of(caller, arguments[1], PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE,
				      &signal);

	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	if (signal_bind(&watcher, signal, arguments[2]) == CALL_RESTART)
		return CALL_RESTART;
	log_ring_watch(log_grown);
	return PURLIN_OK;
}

CALL_HANDLER(trace_mask)
{
	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	arch_call_result(caller, 0, trace_categories);
	trace_categories = arguments[1];
	return PURLIN_OK;
}

CALL_HANDLER(trace_counter)
{
	uint64_t index = arguments[1];

	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	if (index >= PURLIN_COUNTERS)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	arch_call_result(caller, 0,
			 index == PURLIN_COUNTER_FREE_PAGES ? pages_available() :
			 index == PURLIN_COUNTER_LOG_UNSENT ? log_unsent() :
							      counters[index]);
	return PURLIN_OK;
}
