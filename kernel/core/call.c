// SPDX-License-Identifier: MIT
/* The dispatcher: from a number in a register to the handler, by the table made from
 * abi/calls.toml. */
#include "core/call.h"

#include "base/arch.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/capability.h"
#include "object/pd.h"
#include "object/thread.h"

uint64_t *call_progress(struct thread *caller)
{
	struct call_progress *progress = &caller->progress;
	const uint64_t *arguments = arch_call_arguments(caller);
	bool same = progress->number == arch_call_number(caller);

	for (unsigned int i = 0; i < 5; i++)
		same &= progress->argument[i] == arguments[i];
	if (same)
		return &progress->done;
	progress->number = arch_call_number(caller);
	memcpy(progress->argument, arguments, sizeof(progress->argument));
	progress->done = 0;
	return &progress->done;
}

/* Words of the table's `object` column that are no object types. */
#define PURLIN_TYPE_ANY 0xfe
#define PURLIN_TYPE_VCPU_STATE 0xff

struct call {
	status (*handler)(struct thread *caller, struct object *object, const uint64_t *arguments,
			  struct capability *capability);
	const char *name;
	uint32_t right;
	uint8_t type;
} __attribute__((aligned(32))); /* found by a shift */

static const struct call calls[] = {
#define CALL(name, type, right, count) { call_##name, #name, right, PURLIN_TYPE_##type },
#include "kernel/dispatch.inc"
#undef CALL
};
#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

const char *call_name(uint64_t number)
{
	return number < CALL_COUNT ? calls[number].name : "?";
}

const char *status_name(status reason)
{
	static const char *const names[] = {
		"OK",		"BAD_CALL",  "BAD_CAPABILITY", "NO_RIGHT",
		"BAD_ARGUMENT", "NO_MEMORY", "SLOT_IN_USE",    "BUSY",
		"DEAD",		"AGAIN",     "OVERLAP",	       "NO_DEVICE",
	};

	return reason <= 0 && reason > -(status)(sizeof(names) / sizeof(names[0])) ?
		       names[-reason] :
		       "?";
}

/*
 * When type, life and right are not plainly what the call wants. Life comes
 * before right: who holds a capability to something dead learns that.
 */
static __attribute__((noinline)) status check(const struct call *call,
					      const struct capability *capability)
{
	uint8_t type = capability->object->type;

	if (type != call->type && call->type != PURLIN_TYPE_ANY &&
	    !(call->type == PURLIN_TYPE_THREAD && type == PURLIN_TYPE_VCPU))
		return PURLIN_BAD_CAPABILITY;
	/* What is dying may be destroyed on, and unpinned when destroyed. */
	if (capability->object->dead && call->handler != call_object_destroy &&
	    call->handler != call_memory_unpin)
		return PURLIN_DEAD;
	if ((capability->rights & call->right) != call->right)
		return PURLIN_NO_RIGHT;
	return PURLIN_OK;
}

static inline status perform(struct thread *caller, uint64_t number)
{
	const struct call *call = &calls[arch_index_limit(number, CALL_COUNT)];
	const uint64_t *arguments = arch_call_arguments(caller);
	struct capability *capability;
	status result;

	if (number >= CALL_COUNT)
		return PURLIN_BAD_CALL;
	if (call->type == PURLIN_TYPE_VCPU_STATE) {
		if (caller->object.type != PURLIN_TYPE_VCPU)
			return PURLIN_BAD_CALL;
		return call->handler(caller, &caller->object, arguments, NULL);
	}
	if (call->type == PURLIN_TYPE_NONE)
		return call->handler(caller, NULL, arguments, NULL);
	capability = capability_find(&caller->pd->capabilities, arguments[0]);
	if (__builtin_expect(!capability, 0))
		return call_refuse(1, PURLIN_BAD_CAPABILITY);
	if (__builtin_expect(capability->object->type != call->type || capability->object->dead ||
				     (call->right & ~capability->rights),
			     0)) {
		result = check(call, capability);
		if (result != PURLIN_OK)
			return call_refuse(1, result);
	}
	return call->handler(caller, capability->object, arguments, capability);
}

/* The registers hold what they held when the call was made. */
static void trace_refusal(const struct thread *caller, status result)
{
	const char *call = call_name(arch_call_number(caller));
	unsigned int argument = (unsigned int)(-result / 16);

	if (argument)
		log_print("%s: %s refused: %s, argument %u is %llx\n", caller->pd->name, call,
			  status_name(call_reason(result)), argument,
			  (unsigned long long)arch_call_arguments(caller)[argument - 1]);
	else
		log_print("%s: %s refused: %s\n", caller->pd->name, call,
			  status_name(call_reason(result)));
}

/* Neither done nor waiting. */
static __attribute__((noinline)) void unusual(struct thread *caller, status result)
{
	if (result == CALL_RESTART) {
		arch_call_restart(caller);
		return;
	}
	if (trace_categories & PURLIN_TRACE_CALL)
		trace_refusal(caller, result);
	arch_call_status(caller, call_reason(result));
}

void call_dispatch(struct thread *caller)
{
	status result;

	/* Stopped by another processor while this one waited for the lock. */
	if (caller->state != THREAD_READY)
		return;
	result = perform(caller, arch_call_number(caller));
	if (result == PURLIN_OK)
		arch_call_status(caller, PURLIN_OK);
	else if (result != CALL_DEFERRED)
		unusual(caller, result);
}
