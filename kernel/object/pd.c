// SPDX-License-Identifier: MIT
/* Protection domains. */
#include "object/pd.h"

#include "base/arch.h"
#include "base/call.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/account.h"

status pd_create(struct account *account, uint32_t slots, uint32_t flags, uint64_t processors,
		 struct pd **created)
{
	struct pd *pd = account_allocate(account, sizeof(*pd));

	if (!pd)
		return PURLIN_NO_MEMORY;
	if (capability_table_create(&pd->capabilities, account, slots) != PURLIN_OK)
		goto free_pd;
	/* A guest gets its tables with its first call as a guest (guest_of()). */
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

/*
 * The name comes from user memory, which may change meanwhile: read each word once. It goes into
 * the log, so it must be printable and short.
 */
static void take_name(struct pd *pd, const struct purlin_message *message)
{
	uint64_t words[PURLIN_NAME_BYTES / 8] = { 0 };

	for (unsigned int i = 0; message && i < PURLIN_NAME_BYTES / 8; i++)
		words[i] = __atomic_load_n(&message->word[i], __ATOMIC_RELAXED);
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
	/* Can only be passed on: whoever may pin can keep pages from being reused (memory_pin). */
	if (flags & ~(uint64_t)parent->flags & PURLIN_PD_PINS)
		return call_refuse(4, PURLIN_NO_RIGHT);
	if (!processors)
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	/* A parent can only hand on what it has: so init decides for all below it. */
	if (processors & ~parent->processors)
		return call_refuse(5, PURLIN_NO_RIGHT);
	return PURLIN_OK;
}

CALL_HANDLER(pd_create)
{
	const struct pd_create_arguments *arguments = &call->arguments->pd_create;
	const struct pd *parent = call->pd;
	uint64_t processors = arguments->processors == PURLIN_PROCESSORS_OWN ?
				      parent->processors :
				      arguments->processors;
	struct capability *slot;
	struct pd *pd;
	status result = call_slot(call, &slot);

	if (result == PURLIN_OK)
		result = check_create(parent, arguments, processors);
	if (result == PURLIN_OK)
		result = pd_create(account_of(call->object), (uint32_t)arguments->capability_slots,
				   (uint32_t)arguments->flags, processors, &pd);
	if (result != PURLIN_OK)
		return result;
	take_name(pd, call_message(call));
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
	struct purlin_message *message = call_message(call);

	arch_call_result(caller, 0, pd->state);
	arch_call_result(caller, 1, pd->reason);
	arch_call_result(caller, 2, pd->address);
	if (message) {
		uint64_t *words = message->word;

		words[0] = pd->fault_cr2;
		words[1] = pd->fault_error;
		words[2] = pd->fault_cpu;
		words[PURLIN_STATUS_PROCESSORS] = pd->processors;
		memcpy(&words[4], pd->name, PURLIN_NAME_BYTES);
	}
	return PURLIN_OK;
}

CALL_HANDLER(cap_copy)
{
	const struct cap_copy_arguments *arguments = &call->arguments->cap_copy;
	struct pd *pd = pd_of(call->object);
	struct capability *from = capability_find(&call->pd->capabilities, arguments->from_slot);
	struct capability *slot;
	uint64_t badge = arguments->badge;
	status result;

	if (!from)
		return call_refuse(3, PURLIN_BAD_CAPABILITY);
	if (from->object->dead)
		return call_refuse(3, PURLIN_DEAD);
	/*
	 * A badge tells the server who calls. So it can be given once, to a capability without one,
	 * and nobody who got a badged one can become somebody else.
	 */
	if (badge && (from->badge || (from->object->type != PURLIN_TYPE_ENDPOINT &&
				      from->object->type != PURLIN_TYPE_SIGNAL)))
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	result = capability_vacancy(&pd->capabilities, pd->object.account, arguments->pd_slot,
				    &slot);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	capability_fill(slot, from->object, from->rights & (uint32_t)arguments->rights_mask,
			badge ? badge : from->badge);
	return PURLIN_OK;
}

CALL_HANDLER(cap_delete)
{
	const struct cap_delete_arguments *arguments = &call->arguments->cap_delete;
	struct pd *pd = pd_of(call->object);
	struct capability *found = capability_find(&pd->capabilities, arguments->slot);

	if (arguments->slot >= pd->capabilities.slots)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	return found ? capability_clear(found) : PURLIN_OK;
}

CALL_HANDLER(cap_info)
{
	struct thread *caller = call->caller;
	const struct cap_info_arguments *arguments = &call->arguments->cap_info;
	struct capability *found = capability_find(&call->pd->capabilities, arguments->slot);

	if (arguments->slot >= call->pd->capabilities.slots)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	if (found && found->object->dead)
		return PURLIN_DEAD;
	arch_call_result(caller, 0, found ? found->object->type : PURLIN_TYPE_NONE);
	arch_call_result(caller, 1, found ? found->rights : 0);
	arch_call_result(caller, 2, found ? found->badge : 0);
	return PURLIN_OK;
}
