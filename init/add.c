/* SPDX-License-Identifier: MIT */
/* Fragments: taken from a Control session, joined to the description, checked. */
#include "add.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "boot_data.h"
#include "end.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define GROWTH_BYTES (64ul << 10) /* of the tree, by all that is ever added */
#define ACCOUNT_PAGES 8		  /* in which the kernel keeps the accounts of those added */

#define PART (CONTROL_REASON_WORDS * sizeof(purlin_u64)) /* bytes of reasons in a reply */
_Static_assert(CONTROL_REASON_BYTES % PART == 0, "none reaches beyond");

static const void *tree;
static purlin_u64 machine_memory;
static uint32_t machine_cpus;

void add_to(const void *to, const struct description_target *target)
{
	tree = to;
	machine_memory = target->memory;
	machine_cpus = target->cpus;
}

const void *add_tree(void)
{
	return __atomic_load_n(&tree, __ATOMIC_SEQ_CST);
}

void add_set_tree(const void *next)
{
	__atomic_store_n(&tree, next, __ATOMIC_SEQ_CST);
}

purlin_s64 add_prepare(struct component *component)
{
	struct control *control = &component->control;
	purlin_u64 pages = component->description->adds / PURLIN_PAGE_SIZE, memory;
	size_t room = fdt_totalsize(add_tree()) + GROWTH_BYTES;
	purlin_s64 status;
	void *place;

	if (!pages)
		return PURLIN_OK;
	status = memory_new_mapped(PAGES_OF(sizeof(struct addition) + room), 0, &memory, &place);
	if (status)
		return status;
	control->addition = place;
	control->addition->room = room;
	control->addition->done = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, control->addition->done);
	control->budget = slot_reserve();
	return status ? status :
			purlin_account_create(PURLIN_SLOT_ACCOUNT, control->budget,
					      pages + ACCOUNT_PAGES);
}

purlin_s64 add_fragment(struct component *component, struct request *request)
{
	struct addition *addition = component->control.addition;
	purlin_u64 before = request->word[0];
	purlin_u64 bytes = request->words > 1 ? (request->words - 1) * sizeof(purlin_u64) : 0;

	if (!addition)
		return PURLIN_NO_RIGHT;
	if (!before)
		addition->bytes = 0;
	if (!bytes || before != addition->bytes || bytes > CONTROL_FRAGMENT_BYTES - before)
		return PURLIN_BAD_ARGUMENT;
	memcpy(addition->fragment + before, &request->word[1], bytes);
	addition->bytes += bytes;
	return PURLIN_OK;
}

/* What does not fit is left out: the first ones are the causes. */
static void note_reason(void *context, const char *node, const char *property, const char *reason)
{
	struct addition *addition = context;
	size_t left = sizeof(addition->reasons) - addition->reason_bytes;
	int bytes = snprintf(addition->reasons + addition->reason_bytes, left, "%s: %s%s%s\n", node,
			     property ? property : "", property ? ": " : "", reason);

	if (bytes > 0 && (size_t)bytes < left)
		addition->reason_bytes += (size_t)bytes;
	/* A name of the fragment's may have anything in it. */
	memset(addition->reasons + addition->reason_bytes, 0,
	       sizeof(addition->reasons) - addition->reason_bytes);
}

static purlin_u64 size_of(const struct component_description *wanted)
{
	return wanted->memory + wanted->overhead + wanted->ram_quota + wanted->lent;
}

/* Of `adds`. What has ended has given it back. */
static purlin_u64 memory_left(const struct component *component, unsigned int count)
{
	purlin_u64 left = component->description->adds;

	for (unsigned int i = 0; i < count; i++) {
		const struct component_description *other = &description.components[i];

		if (!other->added || &components[other->adder] != component ||
		    SHOWN(components[i].state) == COMPONENT_ENDED)
			continue;
		left -= size_of(other) < left ? size_of(other) : left;
	}
	return left;
}

/* AGAIN: something was added meanwhile. */
static purlin_s64 check(struct component *component, size_t bytes)
{
	struct addition *addition = component->control.addition;
	/* In this order: a tree that is older than the count would lack components. */
	unsigned int count = component_count(), errors;
	const struct description_addition wanted = { &description, count,
						     (int)(component - components),
						     memory_left(component, count) };
	const struct description_target target = { .memory = machine_memory,
						   .cpus = machine_cpus,
						   .module_exists = boot_module_exists,
						   .error = note_reason,
						   .context = addition,
						   .addition = &wanted };

	addition->reason_bytes = 0;
	addition->before = count;
	memset(addition->reasons, 0, sizeof(addition->reasons));
	errors = description_join(addition->tree, addition->room, add_tree(), addition->fragment,
				  bytes, &target);
	if (!errors)
		errors = description_read(&addition->description, addition->tree, addition->room,
					  &target);
	if (component_count() != count)
		return PURLIN_AGAIN;
	return errors ? PURLIN_BAD_ARGUMENT : PURLIN_OK;
}

/* The first thread is more urgent, and waits for nobody while it does this. */
static purlin_s64 admitted(struct addition *addition)
{
	purlin_u64 bits;

	__atomic_store_n(&addition->wanted, true, __ATOMIC_SEQ_CST);
	request_admission();
	while (__atomic_load_n(&addition->wanted, __ATOMIC_SEQ_CST))
		if (purlin_signal_wait(addition->done, &bits))
			return PURLIN_DEAD;
	return addition->status;
}

purlin_s64 add_request(struct component *component, struct request *request)
{
	struct addition *addition = component->control.addition;
	purlin_u64 bytes = request->word[0];
	purlin_s64 status;

	if (!addition)
		return PURLIN_NO_RIGHT;
	/* Of what was never sent there is no reason either. */
	addition->reason_bytes = 0;
	if (!bytes || bytes > addition->bytes)
		return PURLIN_BAD_ARGUMENT;
	addition->bytes = 0;
	/* As often as others add something meanwhile: there are only so many components. */
	do {
		status = check(component, bytes);
		if (!status)
			status = admitted(addition);
	} while (status == PURLIN_AGAIN);
	if (status)
		return status;
	request->reply_words = CONTROL_ADD_WORDS;
	request->reply[1] = addition->description.component_count - addition->before;
	request->reply[0] = component->description->control_count - request->reply[1];
	return PURLIN_OK;
}

purlin_s64 add_reason(struct component *component, struct request *request)
{
	const struct addition *addition = component->control.addition;
	purlin_u64 part = request->word[0];

	if (!addition)
		return PURLIN_NO_RIGHT;
	if (part >= (addition->reason_bytes + PART - 1) / PART)
		return PURLIN_NO_DEVICE;
	memcpy(request->reply, addition->reasons + part * PART, PART);
	request->reply_words = CONTROL_REASON_WORDS;
	return PURLIN_OK;
}
