/* SPDX-License-Identifier: MIT */
/* Claims from core for clients, by IO_MEM, IO_PORT and IRQ sessions. */
#include "resource.h"

#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/irq.h"

/* Sessions of their own: core refuses what the platform uses itself (ECAM, MSI-X tables, ports). */
static purlin_u64 irq_session, io_mem_session, io_port_session;

bool resources_start(void)
{
	return !session_open("IRQ", "devices", &irq_session) &&
	       !session_open("IO_MEM", "devices", &io_mem_session) &&
	       !session_open("IO_PORT", "devices", &io_port_session);
}

unsigned int resource_processors(void)
{
	unsigned int count = 0;

	for (purlin_u64 left = component_processors(); left; left &= left - 1)
		count++;
	return count;
}

static purlin_s64 claim_msi(struct resource *resource, unsigned int processor, bool wide,
			    purlin_u64 *address, purlin_u64 *data)
{
	purlin_s64 status = irq_claim_msi(irq_session, processor, &resource->slot, address, data,
					  &resource->id);

	if (status || wide || RESOURCE_APIC_ID(*address) <= 0xff)
		return status;
	resource_release_irq(resource);
	return PURLIN_NO_DEVICE;
}

purlin_s64 resource_claim_msi(struct resource *resource, unsigned int processor, bool wide,
			      purlin_u64 *address, purlin_u64 *data)
{
	purlin_u64 left = component_processors();
	purlin_s64 status;

	/* An owner that runs elsewhere is told across processors. */
	if (processor >= 64 || !(left >> processor & 1))
		processor = (unsigned int)__builtin_ctzll(left);
	/* Each has few vectors; when its own are used up, another one's serve as well. */
	for (;;) {
		status = claim_msi(resource, processor, wide, address, data);
		left &= ~(1ull << processor);
		if (status != PURLIN_NO_DEVICE || !left)
			return status;
		processor = (unsigned int)__builtin_ctzll(left);
	}
}

/* Asks only: with this entry the kernel changes nothing. */
purlin_s64 resource_line_destination(uint32_t gsi, uint64_t *destination)
{
	return irq_remap(irq_session, gsi, IRQ_REMAP_NOTHING, destination);
}

purlin_s64 resource_remap_lines(uint32_t gsi, unsigned int entry)
{
	uint64_t destination;

	return irq_remap(irq_session, gsi, entry, &destination);
}

purlin_s64 resource_claim_gsi(struct resource *resource, const struct route *route)
{
	purlin_u64 flags = (route->level ? PURLIN_IRQ_LEVEL : 0u) |
			   (route->active_low ? PURLIN_IRQ_ACTIVE_LOW : 0u);

	return irq_claim(irq_session, route->gsi, flags, &resource->slot, &resource->id);
}

/* The client may map it write-combining nevertheless (PURLIN_MAP_*). */
purlin_s64 resource_claim_memory(struct resource *resource, uint64_t address, uint64_t pages)
{
	return io_mem_claim(io_mem_session, address, pages, PURLIN_MAP_UNCACHED, &resource->slot,
			    &resource->id);
}

purlin_s64 resource_claim_ports(struct resource *resource, uint64_t first, uint64_t count)
{
	return io_port_claim(io_port_session, first, count, &resource->slot, &resource->id);
}

purlin_s64 resource_new_ram(struct resource *resource, uint64_t pages)
{
	return memory_new(PURLIN_SLOT_ACCOUNT, pages, 0, &resource->slot);
}

purlin_s64 resource_bind(const struct resource *resource, purlin_u64 signal)
{
	return purlin_irq_bind(resource->slot, signal, 1);
}

static purlin_u64 watcher;

void resource_watcher_set(purlin_u64 signal)
{
	watcher = signal;
}

purlin_s64 resource_bind_watcher(const struct resource *resource, purlin_u64 bits)
{
	return purlin_irq_bind(resource->slot, watcher, bits);
}

void resource_watch(const struct resource *resource, purlin_u64 bits)
{
	(void)purlin_irq_watch(resource->slot, watcher, bits);
}

/*
 * Paid by this component, not by the owner, who may exhaust its account: then the line of others
 * would suffer.
 */
purlin_s64 resource_new_irq(struct resource *resource, purlin_u64 bits)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_irq_create_soft(PURLIN_SLOT_ACCOUNT, slot);

	if (status) {
		slot_release(slot);
		return status;
	}
	resource->slot = slot;
	resource_watch(resource, bits);
	return PURLIN_OK;
}

void resource_raise(const struct resource *resource)
{
	(void)purlin_irq_raise(resource->slot);
}

void resource_ack(const struct resource *resource)
{
	(void)purlin_irq_ack(resource->slot);
}

/* If the call fails, nobody owes an ack: better to go on than to wait for one that cannot come. */
bool resource_unacked(const struct resource *resource)
{
	purlin_u64 delivered, flags = 0, gsi;

	(void)purlin_irq_info(resource->slot, &delivered, &flags, &gsi);
	return flags & PURLIN_IRQ_UNACKED;
}

void resource_irq_counts(const struct resource *resource, uint64_t *delivered, uint64_t *storms)
{
	purlin_u64 count = 0, flags = 0, gsi = 0;

	(void)purlin_irq_info(resource->slot, &count, &flags, &gsi);
	*delivered = count;
	*storms = (uint64_t)flags >> 32;
}

/* All bits: the badge of the client's capability decides which of them count. */
void resource_notify(purlin_u64 signal)
{
	if (signal)
		(void)purlin_signal_notify(signal, ~0ull);
}

void resource_forget(purlin_u64 signal)
{
	slot_delete(signal);
}

purlin_s64 resource_copy(const struct resource *resource, purlin_u64 rights, purlin_u64 *slot)
{
	return slot_copy(resource->slot, rights, 0, slot);
}

static void release(struct resource *resource, purlin_u64 session,
		    purlin_s64 (*give_back)(purlin_u64 session, purlin_u64 id))
{
	if (!resource->slot)
		return;
	/* Core destroys the object, so that copies that were passed on are dead, too. */
	(void)give_back(session, resource->id);
	slot_delete(resource->slot);
	resource->slot = 0;
}

void resource_release_irq(struct resource *resource)
{
	release(resource, irq_session, irq_release);
}

void resource_release_memory(struct resource *resource)
{
	release(resource, io_mem_session, io_mem_release);
}

void resource_release_ports(struct resource *resource)
{
	release(resource, io_port_session, io_port_release);
}

/* Made here, not claimed from core, so it also ends here, with all copies. */
static void destroy(struct resource *resource)
{
	if (!resource->slot)
		return;
	(void)purlin_object_destroy(resource->slot);
	slot_delete(resource->slot);
	resource->slot = 0;
}

void resource_release_soft_irq(struct resource *resource)
{
	destroy(resource);
}

void resource_release_ram(struct resource *resource)
{
	destroy(resource);
}
