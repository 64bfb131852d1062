// SPDX-License-Identifier: MIT
/* The small system, and what happens while the kernel works. */
#include "system.h"

#include "base/pages.h"
#include "checks_on/objects.h"
#include "object/processor.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/io_port.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/thread.h"
#include "purlin/boot.h"
#include "purlin/call_numbers.h"

struct input input;
struct account root_account;
struct thread *core;

static struct object irq_root, physical_root, log_root;
static struct io_port all_ports;
static struct object *const roots[] = { &irq_root, &physical_root, &log_root, &all_ports.object };
static uint64_t pages_at_start;

uint8_t meanwhile_byte(void)
{
	return input.left ? input.at[--input.left] : 0;
}

void grant(struct thread *thread, uint64_t slot, struct object *object, uint32_t rights,
	   uint64_t badge)
{
	struct capability *capability;

	MUST(capability_vacancy(&thread->pd->capabilities, thread->pd->object.account, slot,
				&capability) == PURLIN_OK);
	capability_fill(capability, object, rights, badge);
}

struct object *object_at(const struct thread *thread, uint64_t slot)
{
	const struct capability *found = capability_find(&thread->pd->capabilities, slot);

	return found ? found->object : NULL;
}

void system_create(uint64_t pages, unsigned int cpu_number)
{
	const uint32_t all = PURLIN_RIGHT_ALL;
	struct pd *pd;

	host_reset();
	scheduler_init();
	trace_categories = 0;
	pages_at_start = pages_available();
	memset(&root_account, 0, sizeof(root_account));
	memset(&all_ports, 0, sizeof(all_ports));
	irq_root = physical_root = log_root = (struct object){ 0 };
	all_ports.count = 65536;
	account_init_root(&root_account, pages);
	object_init(&irq_root, PURLIN_TYPE_IRQ_ROOT, NULL);
	object_init(&physical_root, PURLIN_TYPE_PHYSICAL_ROOT, NULL);
	object_init(&log_root, PURLIN_TYPE_LOG, NULL);
	object_init(&all_ports.object, PURLIN_TYPE_IO_PORT, NULL);
	MUST(pd_create(&root_account, 64, PURLIN_PD_PINS, (1u << cpu_number) - 1, &pd) ==
	     PURLIN_OK);
	MUST(thread_create(pd, 0, PRIORITY, 0x10000000, &core) == PURLIN_OK);
	grant(core, PURLIN_SLOT_PD, &pd->object, all, 0);
	grant(core, PURLIN_SLOT_ACCOUNT, &root_account.object, all, 0);
	grant(core, PURLIN_SLOT_THREAD, &core->object, all, 0);
	grant(core, PURLIN_SLOT_LOG, &log_root, all, 0);
	grant(core, PURLIN_SLOT_IRQ_ROOT, &irq_root, all, 0);
	grant(core, PURLIN_SLOT_PHYSICAL_ROOT, &physical_root, all, 0);
	grant(core, PURLIN_SLOT_IO_PORTS, &all_ports.object, all, 0);
	scheduler_ready(core);
}

void system_check(void)
{
	objects_check(&root_account.object, roots, sizeof(roots) / sizeof(roots[0]));
}

/* Pinned memory is kept, even now, until whoever programs devices unpins it. */
static void unpin_all(void)
{
	struct pd pd = { .flags = PURLIN_PD_PINS };

	while (!list_empty(&root_account.remains)) {
		struct object *object = list_first(&root_account.remains, struct object, siblings);
		struct call call = { .pd = &pd, .object = object };

		MUST(object->type == PURLIN_TYPE_MEMORY && memory_of(object)->pins);
		memory_of(object)->pins = 1;
		while (call_memory_unpin(&call) == CALL_RESTART)
			;
	}
}

void system_destroy(void)
{
	while (!list_empty(&root_account.objects)) {
		struct object *object = list_first(&root_account.objects, struct object, siblings);

		while (object_kill(object) == CALL_RESTART)
			;
		if (object->references == 0)
			object_free(object);
	}
	unpin_all();
	MUST(root_account.used == 0);
	MUST(host_allocations() == 0);
	MUST(pages_available() == pages_at_start);
}

/* What the call table says of the first argument. */
#define PURLIN_TYPE_ANY 0xfe
#define PURLIN_TYPE_VCPU_STATE 0xff
static const struct {
	uint32_t right;
	uint8_t type;
} calls[] = {
#define CALL(name, type, right, count) { right, PURLIN_TYPE_##type },
#include "kernel/dispatch.inc"
#undef CALL
};

/* And its text of further ones. */
static const struct {
	uint8_t number, index, type;
	uint32_t right;
} further[] = {
	{ PURLIN_CALL_PD_WATCH, 1, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE },
	{ PURLIN_CALL_THREAD_BIND_SIGNAL, 1, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_READ },
	{ PURLIN_CALL_SIGNAL_BIND_VCPU, 1, PURLIN_TYPE_VCPU, PURLIN_RIGHT_CONTROL },
	{ PURLIN_CALL_MEMORY_MAP, 1, PURLIN_TYPE_PD, PURLIN_RIGHT_CONTROL },
	{ PURLIN_CALL_IRQ_BIND, 1, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE },
	{ PURLIN_CALL_TIMER_SET, 2, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE },
	{ PURLIN_CALL_LOG_WATCH, 1, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE },
	{ PURLIN_CALL_GUEST_ATTACH, 2, PURLIN_TYPE_MEMORY, PURLIN_RIGHT_READ },
};

static bool lacks(const struct thread *caller, uint64_t slot, uint8_t type, uint32_t right)
{
	const struct capability *found = capability_find(&caller->pd->capabilities, slot);

	if (!found || (found->rights & right) != right)
		return true;
	return type != PURLIN_TYPE_ANY && found->object->type != type &&
	       !(type == PURLIN_TYPE_THREAD && found->object->type == PURLIN_TYPE_VCPU);
}

/* More access than the capability of the memory object has. */
static bool maps_more(const struct thread *caller, const uint64_t *arguments)
{
	const struct capability *found = capability_find(&caller->pd->capabilities, arguments[0]);
	uint64_t access = (arguments[5] & 7) | PURLIN_MAP_READ;

	return (access & ~(uint64_t)found->rights) != 0;
}

static bool asks_too_much(const struct thread *caller, uint64_t number, const uint64_t *arguments)
{
	const struct capability *found;

	switch (number) {
	case PURLIN_CALL_MEMORY_MAP:
		return maps_more(caller, arguments);
	case PURLIN_CALL_MEMORY_PIN:
	case PURLIN_CALL_MEMORY_UNPIN:
		return !(caller->pd->flags & PURLIN_PD_PINS);
	case PURLIN_CALL_PD_CREATE:
		return (arguments[3] & PURLIN_PD_PINS & ~caller->pd->flags) ||
		       (arguments[4] != PURLIN_PROCESSORS_OWN &&
			(arguments[4] & ~caller->pd->processors));
	case PURLIN_CALL_THREAD_CREATE:
	case PURLIN_CALL_VCPU_CREATE:
		return arguments[3] > caller->base_priority || arguments[2] >= CPU_MAX ||
		       !(pd_of(object_at(caller, arguments[0]))->processors >> arguments[2] & 1);
	case PURLIN_CALL_GUEST_ATTACH:
		found = capability_find(&caller->pd->capabilities, arguments[2]);
		return (arguments[5] & 7 & ~(uint64_t)found->rights) != 0;
	case PURLIN_CALL_THREAD_SCHEDULE:
		return arguments[1] > caller->base_priority;
	default:
		return false;
	}
}

bool call_must_fail(const struct thread *caller, uint64_t number, const uint64_t *arguments)
{
	if (number >= sizeof(calls) / sizeof(calls[0]))
		return true;
	if (calls[number].type == PURLIN_TYPE_NONE)
		return false;
	if (calls[number].type == PURLIN_TYPE_VCPU_STATE)
		return caller->object.type != PURLIN_TYPE_VCPU;
	if (lacks(caller, arguments[0], calls[number].type, calls[number].right))
		return true;
	for (unsigned int i = 0; i < sizeof(further) / sizeof(further[0]); i++) {
		if (further[i].number == number &&
		    lacks(caller, arguments[further[i].index], further[i].type, further[i].right))
			return true;
	}
	return asks_too_much(caller, number, arguments);
}
