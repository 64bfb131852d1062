/* SPDX-License-Identifier: MIT */
/* Starting Linux guests. */
#include "linux.h"

#include "arch.h"
#include "create.h"
#include "guest.h"
#include "purlin/calls.h"
#include "report.h"
#include "route.h"
#include "runtime/slots.h"
#include "runtime/status.h"

/* vCPU 0 has the slots that every first thread has; those of others are given out. */
static purlin_u64 slots_for(struct new_guest *guest, unsigned int index, purlin_u64 fixed,
			    unsigned int count)
{
	purlin_u64 slot = guest->next_slot;

	if (!index)
		return fixed;
	guest->next_slot += count;
	return slot;
}

/* The one after `processor` in the component's set, from its end to its beginning. */
static uint32_t next_processor(const struct component_description *wanted, uint32_t processor)
{
	/* The set is never empty, so this ends. */
	do
		processor = (processor + 1) % 64;
	while (!(wanted->processors >> processor & 1));
	return processor;
}

/* The signals that become pending[] of the vCPU. */
static purlin_s64 create_signals(struct component *component, struct component_processor *vcpu,
				 purlin_u64 guest_slot)
{
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < PURLIN_EVENT_WORDS; i++) {
		purlin_u64 slot = slot_reserve();

		status = purlin_signal_create(component->account, slot);
		if (status) {
			slot_release(slot);
			break;
		}
		/* Noted at once: clean_up() finds it, whatever fails below. */
		vcpu->signals[i] = slot;
		status = purlin_signal_bind_vcpu(slot, vcpu->thread, i);
		if (!status)
			status =
				component_give(component, guest_slot + i, slot, ALL_BUT_DESTROY, 0);
	}
	return status;
}

static purlin_s64 create_vcpu(struct new_guest *guest, unsigned int index, uint32_t processor)
{
	struct component *component = guest->component;
	struct component_processor *vcpu = &component->processors[index];
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_vcpu_create(component->pd, slot, processor,
					       component->description->priority);

	if (status) {
		slot_release(slot);
		return status;
	}
	vcpu->thread = slot;
	guest->vcpu_slots[index] = slots_for(guest, index, PURLIN_SLOT_THREAD, 1);
	guest->event_slots[index] = slots_for(guest, index, PURLIN_SLOT_EVENTS, PURLIN_EVENT_WORDS);
	/* vCPU 0's slot is filled with those that every component has. */
	if (index)
		status = component_give(component, guest->vcpu_slots[index], slot, ALL_BUT_DESTROY,
					0);
	return status ? status : create_signals(component, vcpu, guest->event_slots[index]);
}

/* All vCPUs that the guest may ever use. init starts the first, the guest starts the others. */
static purlin_s64 create_vcpus(struct new_guest *guest)
{
	uint32_t processor = guest->wanted->cpu;
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < guest->wanted->vcpus; i++) {
		status = create_vcpu(guest, i, processor);
		/* In turn over the processors it may use, from `cpu` on. */
		processor = next_processor(guest->wanted, processor);
	}
	return status;
}

/* Each step says what failed: a guest that does not start is hard to explain otherwise. */
static purlin_s64 step(const struct new_guest *guest, const char *what, purlin_s64 status)
{
	if (status)
		report(guest->component, "%s: %s", what, status_text(status));
	return status;
}

/*
 * The order matters: RAM lies where devices have no memory; sessions give out slots, events and
 * addresses after its first part; and the device tree, which comes last, tells all of them.
 */
static purlin_s64 prepare(struct new_guest *guest)
{
	struct component *component = guest->component;
	const struct component_description *wanted = guest->wanted;
	purlin_u64 pages = (wanted->memory + wanted->overhead + wanted->lent) / PURLIN_PAGE_SIZE;
	purlin_s64 status =
		step(guest, "account and protection domain",
		     component_create_pd(component, pages, GUEST_SLOTS, PURLIN_PD_GUEST));

	if (!status)
		status = step(guest, "devices", guest_devices(guest));
	if (!status)
		status = step(guest, "memory", guest_memory(guest));
	if (!status)
		status = step(guest, "vCPU", create_vcpus(guest));
	if (!status)
		status = step(guest, "capabilities", component_fill_slots(component));
	if (!status)
		status = step(guest, "sessions", guest_sessions(guest));
	if (!status)
		status = step(guest, "hardware", guest_hardware(guest));
	if (!status)
		status = step(guest, "kernel mappings", guest_map_kernel(guest));
	if (!status)
		status = step(guest, "device tree", guest_tree(guest));
	if (!status)
		status = step(guest, "watching",
			      purlin_pd_watch(component->pd, component->watch, WATCH_ENDED));
	return status;
}

purlin_s64 linux_start(struct component *component)
{
	struct new_guest guest = { .component = component,
				   .wanted = component->description,
				   .next_slot = PURLIN_SLOT_FIRST_FREE,
				   .next_event = PURLIN_EVENT_TIMER + 1 };
	purlin_u64 lost = route_lives_lost(component);
	purlin_s64 status = prepare(&guest);

	/* init's own copy: the guest has its endpoint, and init asks nothing more there. */
	slot_delete(guest.devices);
	/* Without a session that it was prepared for, the guest would only run into a fault. */
	if (!status && route_lives_lost(component) != lost)
		status = step(&guest, "a server has ended", PURLIN_DEAD);
	if (status)
		return status;
	report(component, "starts with %lu MiB; the kernel may spend %lu KiB on it",
	       guest.ram_bytes / MIB, guest.wanted->overhead / 1024);
	_Static_assert(PURLIN_EVENT_TIMER + 1 + DESCRIPTION_SESSIONS < GUEST_EVENTS, "one is left");
	/* Nothing in its device tree speaks of this event. */
	component->sign = guest.next_event;
	/*
	 * This comes last, after everything that can fail: a guest that runs finds everything in
	 * place.
	 */
	return step(&guest, "start",
		    purlin_vcpu_start(component->processors[0].thread,
				      guest.entry + arch_guest_image_map, 0, guest.tree,
				      guest.parts[0].bytes));
}
