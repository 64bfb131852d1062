// SPDX-License-Identifier: MIT
/* Life and death of kernel objects. */
#include "object/object.h"

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

const char *object_type_name(uint8_t type)
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
	object->dead = true;
	if (types[object->type].kill(object) == CALL_RESTART)
		return CALL_RESTART;
	object->gone = true;
	list_remove(&object->siblings);
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

/* The last reference is about to go: does the object end with it? */
static bool ends(const struct object *object)
{
	return object->references == 1 && !object->gone && !object->root &&
	       types[object->type].counted;
}

status object_drop(struct object *object)
{
	if (ends(object) && object_kill(object) == CALL_RESTART)
		return CALL_RESTART;
	kernel_assert(object->references > 0);
	if (--object->references == 0 && object->gone)
		object_free(object);
	return PURLIN_OK;
}

void object_put(struct object *object)
{
	kernel_assert(object->references > 0 && (object->dead || !ends(object)));
	if (--object->references == 0 && object->gone)
		object_free(object);
}

CALL_HANDLER(object_destroy)
{
	struct object *object = call->object;
	const struct thread *caller = call->caller;

	if (object->gone)
		return PURLIN_DEAD;
	if (object->root || !types[object->type].kill)
		return call_refuse(1, PURLIN_BUSY);
	if (object == &caller->object || object == &caller->pd->object)
		return call_refuse(1, PURLIN_BUSY);
	for (const struct account *payer = caller->object.account; payer; payer = payer->parent) {
		if (object == &payer->object)
			return call_refuse(1, PURLIN_BUSY);
	}
	return object_kill(object);
}
