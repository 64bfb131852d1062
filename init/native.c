/* SPDX-License-Identifier: MIT */
/* Starting native components. */
#include "native.h"

#include "boot_data.h"
#include "create.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/elf_load.h"
#include "runtime/slots.h"

static purlin_s64 create_thread(struct component *component)
{
	const struct component_description *wanted = component->description;
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_thread_create(component->pd, slot, wanted->cpu, wanted->priority,
						 PURLIN_FIRST_MESSAGE);

	if (status)
		slot_release(slot);
	else
		component->processors[0].thread = slot;
	return status;
}

purlin_s64 native_start(struct component *component)
{
	const struct component_description *wanted = component->description;
	const void *program;
	size_t bytes;
	purlin_u64 entry = 0;
	purlin_s64 status;

	if (!boot_module(wanted->binary, &program, &bytes))
		return PURLIN_NO_DEVICE;
	status = component_create_pd(component, wanted->memory / PURLIN_PAGE_SIZE, COMPONENT_SLOTS,
				     0);
	/* Counted before elf_load() fills it: what is 0 may be deleted, too. */
	component->memory_count = 1;
	if (!status)
		status = elf_load(program, bytes, component->account, component->pd,
				  &component->memory[0], &entry);
	if (!status)
		status = create_thread(component);
	if (!status)
		status = component_fill_slots(component);
	/* Before it starts: its first instruction may fault. */
	if (!status)
		status = purlin_pd_watch(component->pd, component->watch, WATCH_ENDED);
	if (!status)
		status = purlin_thread_start(component->processors[0].thread, entry, 0,
					     COMPONENT_ARGUMENT(wanted->cpu, wanted->priority));
	return status;
}
