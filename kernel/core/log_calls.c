// SPDX-License-Identifier: MIT
/* Calls on the log: text in and out, trace categories, counters. */
#include "base/arch.h"
#include "base/call.h"
#include "base/pages.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/binding.h"
#include "object/pd.h"
#include "object/thread.h"

#define TEXT_MAX (PURLIN_MESSAGE_WORDS * sizeof(purlin_u64))
_Static_assert(TEXT_MAX == 480, "ABI: log_write");

struct signal_binding log_watcher;

static void log_grown(void)
{
	signal_fire(&log_watcher);
}

CALL_HANDLER(log_write)
{
	struct thread *caller = call->caller;
	const struct log_write_arguments *arguments = &call->arguments->log_write;
	char text[TEXT_MAX];

	if (arguments->bytes > TEXT_MAX || (arguments->bytes && !caller->message))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	/* A copy: the caller's other threads may change the buffer while it is checked. */
	if (arguments->bytes)
		memcpy(text, caller->message->word, arguments->bytes);
	log_text(caller->pd->name, text, arguments->bytes);
	log_ring_deliver();
	return PURLIN_OK;
}

CALL_HANDLER(log_uart)
{
	const struct log_uart_arguments *arguments = &call->arguments->log_uart;
	if (arguments->owner > 1)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	arch_call_result(call->caller, 0, log_uart_owner(arguments->owner));
	return PURLIN_OK;
}

CALL_HANDLER(log_read)
{
	struct thread *caller = call->caller;
	char text[TEXT_MAX];
	uint64_t next;
	size_t bytes;

	if (!caller->message)
		return PURLIN_AGAIN; /* nowhere to put it */
	bytes = log_ring_read(call->arguments->log_read.sequence, text, TEXT_MAX, &next);
	if (!bytes)
		return PURLIN_AGAIN;
	memcpy(caller->message->word, text, bytes);
	arch_call_result(caller, 0, bytes);
	arch_call_result(caller, 1, next);
	return PURLIN_OK;
}

CALL_HANDLER(log_watch)
{
	status result = signal_bind(&log_watcher, call, 2);

	if (result == PURLIN_OK)
		log_ring_watch(log_grown);
	return result;
}

CALL_HANDLER(trace_mask)
{
	arch_call_result(call->caller, 0, trace_categories);
	trace_categories = call->arguments->trace_mask.categories;
	return PURLIN_OK;
}

CALL_HANDLER(trace_counter)
{
	uint64_t index = call->arguments->trace_counter.index;

	if (index >= PURLIN_COUNTERS)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	arch_call_result(call->caller, 0,
			 index == PURLIN_COUNTER_FREE_PAGES ? pages_available() :
			 index == PURLIN_COUNTER_LOG_UNSENT ? log_unsent() :
							      counters[index]);
	return PURLIN_OK;
}
