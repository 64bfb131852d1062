/* SPDX-License-Identifier: MIT */
/* Saying what became of a component. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "arch.h"
#include "boot_data.h"
#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/thread.h"

#define STATE_RUNS 0
#define STATE_EXITED 1
#define STATE_FAULTED 2

void report(const struct component *component, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	printf("%s: %s\n", component->description->name, text);
}

/* Dropped lines are counted, and told with the next line that is written. */
void report_request(struct component *component, const char *format, ...)
{
	char text[256];
	unsigned int dropped;
	va_list arguments;

	/* A component must not be able to fill the log, or bury what others have to say. */
	if (!log_budget_take(&component->log_budget, tsc_now(), boot_info->tsc_hz, &dropped))
		return;
	if (dropped)
		report(component, "%u lines about its requests were dropped", dropped);
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	report(component, "%s", text);
}

void report_requests_end(struct component *component)
{
	if (component->log_budget.dropped)
		report(component, "%u lines about its requests were dropped",
		       component->log_budget.dropped);
	component->log_budget.dropped = 0;
}

static const char *stop_reason(purlin_u64 reason)
{
	return reason == PURLIN_STOP_DOUBLE_FAULT  ? "double fault" :
	       reason == PURLIN_STOP_BAD_BATCH	   ? "bad mapping batch" :
	       reason == PURLIN_STOP_RETURN	   ? "the processor refused to return to it" :
	       reason == PURLIN_STOP_MACHINE_CHECK ? "machine check" :
	       reason == PURLIN_STOP_NO_MEMORY	   ? "no memory for page tables" :
						     "unknown reason";
}

bool has_ended(const struct component *component)
{
	purlin_u64 state = 0, reason, address;

	/* Ask the kernel, since the notification may still be on its way. */
	return !purlin_pd_status(component->pd, &state, &reason, &address) && state != STATE_RUNS;
}

bool report_status(const struct component *component, bool *fault)
{
	purlin_u64 state = 0, reason = 0, address = 0, accessed, error;
	const char *name;

	if (purlin_pd_status(component->pd, &state, &reason, &address) || state == STATE_RUNS)
		return false;
	/* Before the first line is printed, which overwrites the message buffer. */
	accessed = message()->word[0];
	error = message()->word[1];
	name = arch_exception_name(reason);
	*fault = state != STATE_EXITED;
	if (state == STATE_EXITED)
		report(component, "a thread ended with value %lu", reason);
	else if (state != STATE_FAULTED)
		report(component, "stopped by the kernel: %s at 0x%lx", stop_reason(reason),
		       address);
	else if (arch_is_page_fault(reason))
		report(component, "page fault at 0x%lx, accessing 0x%lx, error 0x%lx", address,
		       accessed, error);
	else
		report(component, "%s at 0x%lx, error 0x%lx", name ? name : "exception", address,
		       error);
	return true;
}
