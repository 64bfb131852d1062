// SPDX-License-Identifier: MIT
/* Protection domains. */
#include "object/pd.h"

#include "base/arch.h"
#include "base/call.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/guest.h"
#include "object/memory.h"
#include "object/signal.h"
#include "object/thread.h"

status pd_create(struct account *account, uint32_t slots, uint32_t flags, uint64_t processors,
		 struct pd **created)
{
	struct pd *pd = account_allocate(account, sizeof(*pd));

	if (!pd)
		return PURLIN_NO_MEMORY;
	if (capability_table_create(&pd->capabilities, account, slots) != PURLIN_OK)
		goto free_pd;
	if (!(flags & PURLIN_PD_GUEST) && arch_tables_create(&pd->tables, account) != PURLIN_OK)
		goto free_table;
	pd->flags = flags;
	pd->processors = processors;
	list_init(&pd->threads);
	list_init(&pd->regions);
	object_init(&pd->object, PURLIN_TYPE_PD, account);
	*created = pd;
	return PURLIN_OK;

free_table:
	capability_table_destroy(&pd->capabilities, account);
free_pd:
	account_free(account, pd);
	return PURLIN_NO_MEMORY;
}

status pd_processor_check(const struct pd *pd, uint64_t cpu)
{
	if (cpu >= arch_cpu_count())
		return PURLIN_BAD_ARGUMENT;
	return pd->processors >> cpu & 1 ? PURLIN_OK : PURLIN_NO_RIGHT;
}

static status regions_remove(struct pd *pd)
{
	while (!list_empty(&pd->regions)) {
		if (region_remove(list_first(&pd->regions, struct region, pd_link)) ==
			    CALL_RESTART ||
		    arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status pd_kill(struct object *object)
{
	struct pd *pd = pd_of(object);

	/* All stop before the first is destroyed: none may run in a PD that is half gone. */
	list_for_each(link, &pd->threads) thread_stop(container_of(link, struct thread, pd_link));
	while (!list_empty(&pd->threads)) {
		struct thread *thread = list_first(&pd->threads, struct thread, pd_link);

		if (object_kill(&thread->object) == CALL_RESTART)
			return CALL_RESTART;
		if (thread->object.references == 0)
			object_free(&thread->object);
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	if (capability_table_destroy(&pd->capabilities, object->account) == CALL_RESTART ||
	    regions_remove(pd) == CALL_RESTART)
		return CALL_RESTART;
	if (pd->guest && guest_destroy(pd) == CALL_RESTART)
		return CALL_RESTART;
	if (!pd_is_guest(pd) && arch_tables_destroy(&pd->tables) == CALL_RESTART)
		return CALL_RESTART;
	return signal_unbind(&pd->watch);
}

/* The first report counts: later ones are often its consequences. Each notifies the watcher. */
void pd_report(struct pd *pd, enum pd_state state, uint64_t reason, uint64_t address)
{
	if (pd->state == PD_RUNS) {
		pd->state = state;
		pd->reason = reason;
		pd->address = address;
	}
	signal_fire(&pd->watch);
}

void pd_stop(struct pd *pd, uint64_t reason, uint64_t address)
{
	static const char *const reasons[] = {
		[PURLIN_STOP_DOUBLE_FAULT] = "double fault",
		[PURLIN_STOP_BAD_BATCH] = "bad batch entry",
		[PURLIN_STOP_MACHINE_CHECK] = "machine check",
		[PURLIN_STOP_NO_MEMORY] = "out of memory for page tables",
		[PURLIN_STOP_RETURN] = "the processor refuses to return to it",
	};

	if (account_log_allowed(pd->object.account))
		log_print("%s: stopped: %s, %llx\n", pd->name,
			  reason < sizeof(reasons) / sizeof(reasons[0]) && reasons[reason] ?
				  reasons[reason] :
				  "?",
			  (unsigned long long)address);
	list_for_each(link, &pd->threads) thread_stop(container_of(link, struct thread, pd_link));
	pd_report(pd, PD_STOPPED, reason, address);
}

/*
 * The name comes from user memory, which may change meanwhile: read each word once. It goes into
 * the log, so it must be printable and short.
 */
static void take_name(struct pd *pd, const struct thread *caller)
{
	uint64_t words[PURLIN_NAME_BYTES / 8] = { 0 };

	for (unsigned int i = 0; caller->message && i < PURLIN_NAME_BYTES / 8; i++)
		words[i] = __atomic_load_n(&caller->message->word[i], __ATOMIC_RELAXED);
	memcpy(pd->name, words, PURLIN_NAME_BYTES);
	for (unsigned int i = 0; pd->name[i]; i++) {
		if (pd->name[i] < ' ' || pd->name[i] > '~')
			pd->name[i] = '?';
	}
}

static status check_create(const struct pd *parent, const struct pd_create_arguments *arguments,
			   uint64_t processors)
{
	uint64_t slots = arguments->capability_slots, flags = arguments->flags;

	if (slots < CAPABILITY_SLOTS_MIN || slots > CAPABILITY_SLOTS_MAX)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (flags & ~(uint64_t)(PURLIN_PD_GUEST | PURLIN_PD_PINS))
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	if (flags & ~(uint64_t)parent->flags & PURLIN_PD_PINS)
		return call_refuse(4, PURLIN_NO_RIGHT);
	if (!processors)
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	if (processors & ~parent->processors)
		return call_refuse(5, PURLIN_NO_RIGHT);
	return PURLIN_OK;
}

CALL_HANDLER(pd_create)
{
	const struct pd_create_arguments *arguments = &call->arguments->pd_create;
	const struct pd *parent = call->caller->pd;
	uint64_t processors = arguments->processors == PURLIN_PROCESSORS_OWN ?
				      parent->processors :
				      arguments->processors;
	struct capability *slot;
	struct pd *pd;
	status result = capability_slot(call, &slot);

	if (result == PURLIN_OK)
		result = check_create(parent, arguments, processors);
	if (result == PURLIN_OK)
		result = pd_create(account_of(call->object), (uint32_t)arguments->capability_slots,
				   (uint32_t)arguments->flags, processors, &pd);
	if (result != PURLIN_OK)
		return result;
	take_name(pd, call->caller);
	capability_fill(slot, &pd->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

CALL_HANDLER(pd_watch)
{
	return signal_bind(&pd_of(call->object)->watch, call, 2);
}

CALL_HANDLER(pd_status)
{
	struct thread *caller = call->caller;
	struct pd *pd = pd_of(call->object);
	uint64_t *words = caller->message ? caller->message->word : NULL;

	arch_call_result(caller, 0, pd->state);
	arch_call_result(caller, 1, pd->reason);
	arch_call_result(caller, 2, pd->address);
	if (words) {
		words[0] = pd->fault_cr2;
		words[1] = pd->fault_error;
		words[2] = pd->fault_cpu;
		words[PURLIN_STATUS_PROCESSORS] = pd->processors;
		memcpy(&words[4], pd->name, PURLIN_NAME_BYTES);
	}
	return PURLIN_OK;
}
