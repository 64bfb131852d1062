// SPDX-License-Identifier: MIT
/*
 * The dispatcher: from a number in a register to the handler, by the table made from
 * abi/calls.toml.
 */
#include "core/call.h"

#include "base/arch.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/pd.h"
#include "object/thread.h"

/* Words of the table's `object` column that are no object types. */
#define PURLIN_TYPE_ANY 0xfe
#define PURLIN_TYPE_VCPU_STATE 0xff

struct entry {
	status (*handler)(struct call *call);
	const char *name;
	uint32_t right;
	uint8_t type;
} __attribute__((aligned(32))); /* found by a shift */

static const struct entry entries[] = {
#define CALL(name, type, right, count) { call_##name, #name, right, PURLIN_TYPE_##type },
#include "kernel/dispatch.inc"
#undef CALL
};
#define CALL_COUNT (sizeof(entries) / sizeof(entries[0]))

const char *call_name(uint64_t number)
{
	return number < CALL_COUNT ? entries[number].name : "?";
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
 * Find out which of type, life and right is not what the call wants. Life is checked before the
 * right, so that the holder of a capability to a dead object learns that it is dead.
 */
static __attribute__((noinline)) status check(const struct entry *entry,
					      const struct capability *capability)
{
	uint8_t type = capability->object->type;

	if (type != entry->type && entry->type != PURLIN_TYPE_ANY &&
	    !(entry->type == PURLIN_TYPE_THREAD && type == PURLIN_TYPE_VCPU))
		return PURLIN_BAD_CAPABILITY;
	/* A dying object may be destroyed further, and unpinned once it is destroyed. */
	if (capability->object->dead && entry->handler != call_object_destroy &&
	    entry->handler != call_memory_unpin)
		return PURLIN_DEAD;
	if ((capability->rights & entry->right) != entry->right)
		return PURLIN_NO_RIGHT;
	return PURLIN_OK;
}

/* Calls without a capability: on nothing, or of a vCPU on itself. */
static __attribute__((noinline)) status perform_alone(struct thread *caller,
						      const struct entry *entry)
{
	if (entry->type == PURLIN_TYPE_VCPU_STATE) {
		if (caller->object.type != PURLIN_TYPE_VCPU)
			return PURLIN_BAD_CALL;
		caller->call.object = &caller->object;
	}
	return entry->handler(&caller->call);
}

static inline status perform(struct thread *caller, uint64_t number)
{
	/*
	 * Limited before it is checked, since the processor may guess the check's result (Spectre
	 * 1).
	 */
	const struct entry *entry = &entries[arch_index_limit(number, CALL_COUNT)];
	struct capability *capability;
	status result;

	if (number >= CALL_COUNT)
		return PURLIN_BAD_CALL;
	if (entry->type == PURLIN_TYPE_NONE || entry->type == PURLIN_TYPE_VCPU_STATE)
		return perform_alone(caller, entry);
	capability =
		capability_find(&caller->pd->capabilities, arch_call_arguments(caller)->word[0]);
	if (__builtin_expect(!capability, 0))
		return call_refuse(1, PURLIN_BAD_CAPABILITY);
	if (__builtin_expect(capability->object->type != entry->type || capability->object->dead ||
				     (entry->right & ~capability->rights),
			     0)) {
		result = check(entry, capability);
		if (result != PURLIN_OK)
			return call_refuse(1, result);
	}
	/*
	 * The call is kept in the thread rather than on the stack, so that a handler that continues
	 * finds it.
	 */
	caller->call.object = capability->object;
	caller->call.capability = capability;
	return entry->handler(&caller->call);
}

status call_capability(const struct call *call, unsigned int argument, uint8_t type,
		       uint32_t rights, struct capability **found)
{
	return call_refuse(argument,
			   capability_of(&call->pd->capabilities,
					 call->arguments->word[argument - 1], type, rights, found));
}

status call_slot(const struct call *call, struct capability **found)
{
	return call_refuse(2, capability_vacancy(&call->pd->capabilities, call->pd->object.account,
						 call->arguments->word[1], found));
}

status call_create(const struct call *call, struct account *account, uint8_t type, size_t bytes,
		   struct object **created)
{
	struct capability *slot;
	status result = call_slot(call, &slot);

	if (result != PURLIN_OK)
		return result;
	*created = account_allocate(account, bytes);
	if (!*created)
		return PURLIN_NO_MEMORY;
	object_init(*created, type, account);
	capability_fill(slot, *created, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

static status progress_forget(struct call_progress *progress)
{
	/* This comes first, so that no call goes on with an object that is being given up here. */
	progress->number = CALL_NONE;
	if (progress->unfinished && object_drop(progress->unfinished) == CALL_RESTART)
		return CALL_RESTART;
	progress->unfinished = NULL;
	progress->done = 0;
	return PURLIN_OK;
}

status call_progress_find(struct call *call)
{
	struct call_progress *progress = &call->progress;

	/*
	 * All of the call has to be the same. An upcall may come between two rounds of a vCPU's
	 * call, and its handler makes calls, too, which must not go on with what the other has
	 * begun.
	 */
	if (progress->number == arch_call_number(call->caller) &&
	    progress->object == call->object &&
	    !memcmp(&progress->arguments, call->arguments, sizeof(progress->arguments)))
		return PURLIN_OK;
	return progress_forget(progress);
}

status call_round_end(struct call *call, status result)
{
	struct call_progress *progress = &call->progress;

	if (result != CALL_RESTART && progress_forget(progress) == PURLIN_OK)
		return result;
	/* The call is noted only now, since few calls are interrupted. */
	progress->number = arch_call_number(call->caller);
	progress->object = call->object;
	progress->arguments = *call->arguments;
	return CALL_RESTART;
}

struct purlin_message *call_message(const struct call *call)
{
	return call->caller->message;
}

/* The registers still hold the arguments of the refused call. */
static __attribute__((noinline)) void trace_refusal(const struct thread *caller, status result)
{
	unsigned int argument = (unsigned int)(-result / 16);

	log_print("%s: %s refused: %s", caller->pd->name, call_name(arch_call_number(caller)),
		  status_name(call_reason(result)));
	if (argument)
		log_print(", argument %u is %lx", argument,
			  caller->call.arguments->word[argument - 1]);
	log_print("\n");
}

/* The call is neither done nor waiting: it was interrupted or refused. */
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
