/* SPDX-License-Identifier: MIT */
/* Starting Linux guests. */
#include "guest.h"
#include "purlin/calls.h"
#include "runtime/slots.h"
#include "runtime/status.h"

/* A vanilla link gives physical entry points; the kernel half has them here (__START_KERNEL_map).
 */
#define KERNEL_MAP 0xffffffff80000000ull

static purlin_s64 create_vcpu(struct component *component)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_vcpu_create(component->pd, slot, component->description->cpu,
					       component->description->priority);

	if (status)
		slot_release(slot);
	else
		component->thread = slot;
	return status;
}

/* The signals that become pending[0..3] of vCPU 0. */
static purlin_s64 create_signals(struct component *component)
{
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < GUEST_EVENT_SIGNALS; i++) {
		purlin_u64 slot = slot_reserve();

		status = purlin_signal_create(component->account, slot);
		if (status) {
			slot_release(slot);
			break;
		}
		component->guest_signals[i] = slot;
		status = purlin_signal_bind_vcpu(slot, component->thread, i);
		if (!status)
			status = component_give(component, PURLIN_SLOT_EVENTS + i, slot,
						ALL_BUT_DESTROY, 0);
	}
	return status;
}

/* Each step says what failed: a guest that does not start is hard to explain otherwise. */
static purlin_s64 step(const struct guest *guest, const char *what, purlin_s64 status)
{
	if (status)
		report(guest->component, "%s: %s", what, status_text(status));
	return status;
}

static purlin_s64 prepare(struct guest *guest)
{
	struct component *component = guest->component;
	const struct component_description *wanted = guest->wanted;
	purlin_u64 pages = (wanted->memory + wanted->overhead) / PURLIN_PAGE_SIZE;
	purlin_s64 status =
		step(guest, "account and protection domain",
		     component_create_pd(component, pages, GUEST_SLOTS, PURLIN_PD_GUEST));

	if (!status)
		status = step(guest, "memory", guest_memory(guest));
	if (!status)
		status = step(guest, "vCPU", create_vcpu(component));
	if (!status)
		status = step(guest, "signals", create_signals(component));
	if (!status)
		status = step(guest, "capabilities", component_fill_slots(component));
	if (!status)
		status = step(guest, "sessions", guest_sessions(guest));
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
	struct guest guest = { .component = component, .wanted = component->description };
	purlin_s64 status = prepare(&guest);

	if (status)
		return status;
	report(component, "starts with %lu MiB", guest.ram_end / MIB);
	return step(&guest, "start",
		    purlin_vcpu_start(component->thread, guest.entry + KERNEL_MAP, 0, guest.tree,
				      guest.ram_end));
}
