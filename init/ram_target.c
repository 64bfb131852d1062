/* SPDX-License-Identifier: MIT */
/*
 * Each Linux has a target, which Control sessions change, and a grant: what is set aside for it.
 * Grants come out of what the description promises to nobody (`spare`) and of the Linux's own
 * quotas, so that a Linux that grows takes nothing that another component is started with. A grant
 * follows the target down when the Linux has given back, and up when there is room: then all look
 * again.
 */
#include "ram_target.h"

#include "purlin/calls.h"
#include "report.h"
#include "runtime/lock.h"
#include "runtime/slots.h"

/* For the kernel's own needs, of an account of RAM in a few dozen memory objects. */
#define KERNEL_PAGES 16

static struct lock grant_lock; /* all ram_granted, and limits of accounts with them */

purlin_s64 ram_target_prepare(void)
{
	for (unsigned int i = 0; i < description.component_count; i++)
		if (description.components[i].memory_most)
			components[i].ram_granted = description.components[i].ram_quota;
	return lock_init(&grant_lock);
}

purlin_u64 ram_target_of(const struct component *component)
{
	return component->description->ram_quota + SHOWN(component->ram_changed);
}

/* Beyond all grants. Lock held. */
static purlin_u64 ungranted(void)
{
	purlin_u64 all = description.spare, granted = 0;

	for (unsigned int i = 0; i < description.component_count; i++) {
		if (description.components[i].memory_most)
			all += description.components[i].ram_quota;
		granted += components[i].ram_granted;
	}
	/* Never less: whoever is granted more, is granted it out of this. */
	return all - granted;
}

/* Whole steps, as far as others leave them. Lock held. */
static purlin_u64 grant_for(const struct component *component, purlin_u64 target)
{
	purlin_u64 step = component->description->ram_step;
	purlin_u64 more = target - component->ram_granted, free = ungranted();

	return component->ram_granted + (more <= free ? more : free / step * step);
}

/*
 * The account of a life that has begun to use it. The kernel's own pages for its memory objects
 * are paid from it, too. Lock held. False: the kernel refuses.
 */
static bool limit_account(const struct component *component, purlin_u64 bytes)
{
	return !component->ram_account ||
	       !purlin_account_limit(component->ram_account,
				     bytes / PURLIN_PAGE_SIZE + KERNEL_PAGES);
}

/* What it has beyond `memory`, in whole steps. */
static purlin_u64 bytes_used(const struct component *component)
{
	purlin_u64 limit = 0, used = 0, step = component->description->ram_step;

	if (component->ram_account)
		purlin_account_info(component->ram_account, &limit, &used);
	used = used > KERNEL_PAGES ? (used - KERNEL_PAGES) * PURLIN_PAGE_SIZE : 0;
	return (used + step - 1) / step * step;
}

/* What is granted follows the target as far as it can. Lock held. */
static void follow(struct component *component, purlin_u64 target)
{
	purlin_u64 used = bytes_used(component), grant;

	if (target < component->ram_granted)
		grant = used > target ? used : target;
	else
		grant = grant_for(component, target);
	if (limit_account(component, grant))
		component->ram_granted = grant;
}

static purlin_u64 answer_of(const struct component *component)
{
	purlin_u64 target = ram_target_of(component);

	return target < component->ram_granted ? target : component->ram_granted;
}

void ram_target_look(struct component *component)
{
	purlin_u64 before, after;

	if (!component->description->memory_most)
		return;
	lock_acquire(&grant_lock);
	before = component->ram_granted;
	follow(component, ram_target_of(component));
	after = component->ram_granted;
	lock_release(&grant_lock);
	/* Others may have waited for it. */
	if (after < before)
		tell_all();
	if (component->ram_watch && answer_of(component) != component->ram_told)
		purlin_signal_notify(component->ram_watch, ~0ull);
}

static purlin_s64 take_watch(struct component *component, struct request *request)
{
	purlin_s64 status = request->caps ? request_signal_check(request) : PURLIN_OK;

	if (status || !request->caps)
		return status;
	slot_delete(component->ram_watch);
	component->ram_watch = request->cap[0];
	request->cap[0] = 0;
	return PURLIN_OK;
}

/* Whoever waits for it watches by a Control session. */
static void tell_of_use(struct component *component)
{
	purlin_u64 used = bytes_used(component);

	if (used != component->ram_used)
		tell_controllers();
	component->ram_used = used;
}

purlin_s64 ram_target_request(struct component *component, struct request *request)
{
	purlin_s64 status;

	if (!component->description->memory_most)
		return PURLIN_NO_DEVICE;
	status = take_watch(component, request);
	if (status)
		return status;
	ram_target_look(component);
	component->ram_told = answer_of(component);
	tell_of_use(component);
	request_reply_word(request, component->ram_told);
	request_reply_word(request, component->description->ram_step);
	return PURLIN_OK;
}

purlin_s64 ram_target_set(struct component *target, purlin_u64 bytes)
{
	const struct component_description *wanted = target->description;
	purlin_u64 more = bytes - wanted->memory;

	if (!wanted->memory_most || bytes < wanted->memory || bytes > wanted->memory_most ||
	    more % wanted->ram_step)
		return PURLIN_BAD_ARGUMENT;
	__atomic_store_n(&target->ram_changed, more - wanted->ram_quota, __ATOMIC_SEQ_CST);
	purlin_signal_notify(target->watch, WATCH_CHANGED);
	return PURLIN_OK;
}
