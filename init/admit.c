/* SPDX-License-Identifier: MIT */
/* Components become known to init: those of the boot, and accepted fragments. */
#include "admit.h"

#include <libfdt.h>
#include <string.h>

#include "add.h"
#include "ask.h"
#include "report.h"
#include "supervisor.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

static purlin_s64 endpoint_new(purlin_u64 account, purlin_u64 slot)
{
	return purlin_endpoint_create(account, slot);
}

static purlin_s64 signal_new(purlin_u64 account, purlin_u64 slot)
{
	return purlin_signal_create(account, slot);
}

static purlin_s64 timer_new(purlin_u64 account, purlin_u64 slot)
{
	return purlin_timer_create(account, slot);
}

static purlin_s64 need(purlin_u64 *slot, purlin_s64 (*create)(purlin_u64, purlin_u64))
{
	purlin_u64 fresh;
	purlin_s64 status;

	if (*slot)
		return PURLIN_OK;
	fresh = slot_reserve();
	status = fresh ? create(PURLIN_SLOT_ACCOUNT, fresh) : PURLIN_NO_MEMORY;
	if (status)
		slot_release(fresh);
	else
		*slot = fresh;
	return status;
}

bool component_controls(const struct component_description *wanted)
{
	return wanted->control_count || wanted->adds;
}

purlin_s64 component_prepare(unsigned int index, const struct component_description *wanted)
{
	struct component *component = &components[index];
	purlin_s64 status = need(&component->endpoint, endpoint_new);

	if (!status)
		status = need(&component->watch, signal_new);
	if (!status)
		status = need(&component->timer, timer_new);
	if (!status && wanted->watchdog)
		status = need(&component->beat, timer_new);
	if (!status && wanted->provide_count && !component->asked) {
		status = ask_prepare((int)index);
		component->asked = !status;
	}
	/* Nobody is to wait for it from the start. */
	component->state =
		wanted->on_demand || wanted->on_device ? COMPONENT_ENDED : COMPONENT_STARTING;
	return status;
}

purlin_s64 component_supervise(unsigned int index)
{
	struct component *component = &components[index];

	purlin_u64 thread;
	purlin_s64 status;

	if (component->supervised)
		return PURLIN_OK;
	status = thread_spawn(supervise, component, 0, SUPERVISOR_PRIORITY, &thread);
	component->supervised = !status;
	return status;
}

/* All that can fail, for each: what an index has then, its next component gets. */
static purlin_s64 prepare(const struct addition *addition)
{
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = addition->before;
	     !status && i < addition->description.component_count; i++) {
		status = component_prepare(i, &addition->description.components[i]);
		if (!status)
			status = component_supervise(i);
	}
	return status;
}

/* The tree in which the strings of what is added lie from now on. */
static purlin_s64 keep_tree(struct addition *addition, const char **kept)
{
	size_t bytes = fdt_totalsize(addition->tree);
	purlin_u64 memory;
	void *place;
	purlin_s64 status = memory_new_mapped(PAGES_OF(bytes), 0, &memory, &place);

	if (status)
		return status;
	memcpy(place, addition->tree, bytes);
	*kept = place;
	return PURLIN_OK;
}

/* Beyond what is counted, so nobody looks at it yet. */
static void describe(const struct addition *addition, unsigned int index, unsigned int adder,
		     const char *kept)
{
	struct component_description *place = &description.components[index];

	*place = addition->description.components[index];
	description_move(place, addition->tree, addition->room, kept);
	place->added = true;
	place->adder = (int)adder;
	components[index].payer = components[adder].control.budget;
}

/* Within reach of who adds it; counted last, when there is something to be found. */
static void publish(unsigned int index, unsigned int adder)
{
	struct component_description *by = &description.components[adder];

	__atomic_store_n(&components[index].description, &description.components[index],
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&description.component_count, index + 1, __ATOMIC_SEQ_CST);
	by->control[by->control_count] = (int)index;
	__atomic_store_n(&by->control_count, by->control_count + 1, __ATOMIC_SEQ_CST);
	report(&components[index], "is added by %s", by->name);
}

static purlin_s64 admit(struct addition *addition, unsigned int adder)
{
	unsigned int end = addition->description.component_count;
	const char *kept = NULL;
	purlin_s64 status;

	if (addition->before != description.component_count)
		return PURLIN_AGAIN;
	status = prepare(addition);
	if (!status)
		status = keep_tree(addition, &kept);
	if (status)
		return status;
	for (unsigned int i = addition->before; i < end; i++)
		describe(addition, i, adder, kept);
	add_set_tree(kept);
	for (unsigned int i = addition->before; i < end; i++)
		publish(i, adder);
	/* Their supervisors begin when all are there: one may route to another. */
	for (unsigned int i = addition->before; i < end; i++)
		purlin_signal_notify(components[i].watch, WATCH_CHANGED);
	tell_controllers();
	return PURLIN_OK;
}

void admit_all(void)
{
	unsigned int count = component_count();

	for (unsigned int i = 0; i < count; i++) {
		struct addition *addition = components[i].control.addition;

		if (!addition || !__atomic_load_n(&addition->wanted, __ATOMIC_SEQ_CST))
			continue;
		addition->status = admit(addition, i);
		__atomic_store_n(&addition->wanted, false, __ATOMIC_SEQ_CST);
		purlin_signal_notify(addition->done, 1);
	}
}
