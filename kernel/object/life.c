// SPDX-License-Identifier: MIT
/*
 * Life and death of kernel objects. In a file that nobody includes, because the end of one object
 * takes others along: an account all it paid for, a PD its threads, a thread its place in queues.
 */
#include "object/object.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/endpoint.h"
#include "object/io_port.h"
#include "object/irq.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/signal.h"
#include "object/space.h"
#include "object/thread.h"
#include "object/timer.h"
#include "object/vcpu.h"

/*
 * Take the thread out of every queue and every relation with others, whatever it was doing. It
 * never runs again.
 */
void thread_stop(struct thread *thread)
{
	if (thread->state == THREAD_STOPPED)
		return;
	if (thread->state == THREAD_WAITING)
		list_remove(&thread->link);
	endpoint_forget(thread);
	scheduler_block(thread, THREAD_STOPPED);
	/* In no queue, and visibly so: a reply leaves the link as it was (list_take). */
	list_init(&thread->link);
}

/* Stopped, not destroyed: whoever watches it can still ask why. */
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
		log_print("%s: stopped: %s, %lx\n", pd->name,
			  reason < sizeof(reasons) / sizeof(reasons[0]) && reasons[reason] ?
				  reasons[reason] :
				  "?",
			  address);
	list_for_each(link, &pd->threads) thread_stop(container_of(link, struct thread, pd_link));
	pd_report(pd, PD_STOPPED, reason, address);
}

/* The page belongs to the kernel: it goes with the thread, not with the PD's regions. */
static void message_destroy(struct thread *thread)
{
	struct physical page;

	if (!thread->message_region)
		return;
	page = arch_kernel_to_physical(thread->message);
	region_remove_page(thread->message_region);
	account_page_free(thread->object.account, page);
	thread->message_region = NULL;
	thread->message = NULL;
}

/* Also for vCPUs: vcpu_thread_destroy() does the rest. */
static status thread_kill(struct object *object)
{
	struct thread *thread = thread_of(object);
	struct pd *pd = thread->pd;

	/* Its state may still be loaded on another processor: evict it before that is freed. */
	thread_stop(thread);
	arch_thread_evict(thread);
	message_destroy(thread);
	/* Each of these two may take rounds, and finds nothing left to do when called again. */
	if (call_round(&thread->call, PURLIN_OK) == CALL_RESTART ||
	    signal_forget(thread) == CALL_RESTART)
		return CALL_RESTART;
	if (object->type == PURLIN_TYPE_VCPU)
		vcpu_thread_destroy(thread);
	arch_thread_destroy(thread);
	list_remove(&thread->pd_link);
	pd->thread_count--;
	if (pd->first_thread == thread)
		pd->first_thread = NULL;
	return PURLIN_OK;
}

/* What others still hold outlives the account. Somebody must pay for it: the parent does. */
static status remains_bequeath(struct account *account)
{
	while (!list_empty(&account->remains)) {
		struct object *object = list_first(&account->remains, struct object, siblings);

		if (object->type == PURLIN_TYPE_MEMORY)
			account_bequeath(account, memory_charged(memory_of(object)));
		object->account = account->parent;
		list_remove(&object->siblings);
		list_append(&account->parent->remains, &object->siblings);
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

static status objects_kill(struct account *account)
{
	while (!list_empty(&account->objects)) {
		struct object *object = list_first(&account->objects, struct object, siblings);

		if (object_end(object) == CALL_RESTART)
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

static status account_kill(struct object *object)
{
	struct account *account = account_of(object);
	struct account *parent = account->parent;

	/* Nothing is charged to a dead account, so its lists only shrink between the rounds. */
	if (objects_kill(account) == CALL_RESTART)
		return CALL_RESTART;
	if (slabs_bequeath(account) == CALL_RESTART || remains_bequeath(account) == CALL_RESTART)
		return CALL_RESTART;
	/* Code that charges without crediting, or the reverse, is found here. */
	kernel_assert(account->used == 0);
	account_credit(parent, account->limit);
	account->limit = 0;
	return PURLIN_OK;
}

/* After the threads: nobody runs any more who could miss a mapping. */
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

static status pd_kill(struct object *object)
{
	struct pd *pd = pd_of(object);

	/* All stop before the first is destroyed: none may run in a PD that is half gone. */
	list_for_each(link, &pd->threads) thread_stop(container_of(link, struct thread, pd_link));
	while (!list_empty(&pd->threads)) {
		struct thread *thread = list_first(&pd->threads, struct thread, pd_link);

		if (object_end(&thread->object) == CALL_RESTART)
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

/* How each type ends; `counted`: also when its last reference goes. */
static const struct {
	const char *name;
	status (*kill)(struct object *object);
	bool counted;
} types[PURLIN_TYPE_COUNT] = {
	[PURLIN_TYPE_NONE] = { "none", NULL, false },
	[PURLIN_TYPE_ACCOUNT] = { "account", account_kill, false },
	[PURLIN_TYPE_PD] = { "PD", pd_kill, false },
	[PURLIN_TYPE_THREAD] = { "thread", thread_kill, false },
	[PURLIN_TYPE_VCPU] = { "vCPU", thread_kill, false },
	[PURLIN_TYPE_ENDPOINT] = { "endpoint", endpoint_kill, true },
	[PURLIN_TYPE_SIGNAL] = { "signal", signal_kill, true },
	[PURLIN_TYPE_MEMORY] = { "memory", memory_kill, true },
	[PURLIN_TYPE_IRQ] = { "interrupt", irq_kill, true },
	[PURLIN_TYPE_IO_PORT] = { "I/O ports", io_port_kill, true },
	[PURLIN_TYPE_TIMER] = { "timer", timer_kill, true },
	[PURLIN_TYPE_SPACE] = { "space", space_kill, true },
	[PURLIN_TYPE_IRQ_ROOT] = { "interrupt root", NULL, false },
	[PURLIN_TYPE_PHYSICAL_ROOT] = { "physical root", NULL, false },
	[PURLIN_TYPE_LOG] = { "log", NULL, false },
};

static const char *object_type_name(uint8_t type)
{
	return type < PURLIN_TYPE_COUNT ? types[type].name : "?";
}

void object_init(struct object *object, uint8_t type, struct account *account)
{
	object->type = type;
	object->account = account;
	object->root = !account;
	if (account)
		list_append(&account->objects, &object->siblings);
	else
		list_init(&object->siblings);
	trace(PURLIN_TRACE_OBJECT, "%s created: %p\n", object_type_name(type), (void *)object);
}

status object_kill(struct object *object)
{
	if (object->gone)
		return PURLIN_OK;
	/* From the first round on nobody can use it, so that no round undoes what another did. */
	object->dead = true;
	if (types[object->type].kill(object) == CALL_RESTART)
		return CALL_RESTART;
	object->gone = true;
	list_remove(&object->siblings);
	/*
	 * Still paid for: what references it may stay for long, and it occupies memory until then.
	 */
	list_append(&object->account->remains, &object->siblings);
	trace(PURLIN_TRACE_OBJECT, "%s destroyed: %p\n", object_type_name(object->type),
	      (void *)object);
	return PURLIN_OK;
}

void object_free(struct object *object)
{
	kernel_assert(object->gone && object->references == 0);
	list_remove(&object->siblings);
	account_free(object->account, object);
}

status object_end(struct object *object)
{
	if (object_kill(object) == CALL_RESTART)
		return CALL_RESTART;
	if (object->references == 0)
		object_free(object);
	return arch_preemption_pending() ? CALL_RESTART : PURLIN_OK;
}

/* The last reference is about to go: does the object end with it? */
static bool ends(const struct object *object)
{
	return object->references == 1 && !object->gone && !object->root &&
	       types[object->type].counted;
}

void object_put(struct object *object)
{
	kernel_assert(object->references > 0 && (object->dead || !ends(object)));
	if (--object->references == 0 && object->gone)
		object_free(object);
}

status object_drop(struct object *object)
{
	if (ends(object) && object_kill(object) == CALL_RESTART)
		return CALL_RESTART;
	object_put(object);
	return PURLIN_OK;
}

CALL_HANDLER(object_destroy)
{
	struct object *object = call->object;
	const struct thread *caller = call->caller;

	if (object->gone)
		return PURLIN_DEAD;
	if (object->root || !types[object->type].kill)
		return call_refuse(1, PURLIN_BUSY);
	/* The call could not return, nor be restarted: a thread, its PD and who pays for it must
	 * outlive it. */
	if (object == &caller->object || object == &caller->pd->object)
		return call_refuse(1, PURLIN_BUSY);
	for (const struct account *payer = caller->object.account; payer; payer = payer->parent) {
		if (object == &payer->object)
			return call_refuse(1, PURLIN_BUSY);
	}
	return object_kill(object);
}
