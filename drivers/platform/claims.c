/* SPDX-License-Identifier: MIT */
/* Claims from core for clients, by IO_MEM, IO_PORT and IRQ sessions. */
#include "claims.h"

#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

/* Sessions of their own: core refuses what the platform uses itself (ECAM, MSI-X tables, ports). */
static purlin_u64 irq_session, io_mem_session, io_port_session;

bool claims_start(void)
{
	return !session_open("IRQ", "devices", &irq_session) &&
	       !session_open("IO_MEM", "devices", &io_mem_session) &&
	       !session_open("IO_PORT", "devices", &io_port_session);
}

purlin_s64 claim_msi(struct claim *claim, unsigned int processor, purlin_u64 *address,
		     purlin_u64 *data)
{
	return irq_claim_msi(irq_session, processor, &claim->slot, address, data, &claim->id);
}

purlin_s64 claim_gsi(struct claim *claim, const struct route *route)
{
	purlin_u64 flags = (route->level ? PURLIN_IRQ_LEVEL : 0u) |
			   (route->active_low ? PURLIN_IRQ_ACTIVE_LOW : 0u);

	return irq_claim(irq_session, route->gsi, flags, &claim->slot, &claim->id);
}

/* The client may map it write-combining nevertheless (PURLIN_MAP_*). */
purlin_s64 claim_memory(struct claim *claim, uint64_t address, uint64_t pages)
{
	return io_mem_claim(io_mem_session, address, pages, PURLIN_MAP_UNCACHED, &claim->slot,
			    &claim->id);
}

purlin_s64 claim_ports(struct claim *claim, uint64_t first, uint64_t count)
{
	return io_port_claim(io_port_session, first, count, &claim->slot, &claim->id);
}

purlin_s64 claim_ram(struct claim *claim, uint64_t pages)
{
	return memory_new(PURLIN_SLOT_ACCOUNT, pages, 0, &claim->slot);
}

purlin_s64 claim_copy(const struct claim *claim, purlin_u64 rights, purlin_u64 *slot)
{
	return slot_copy(claim->slot, rights, 0, slot);
}

static void release(struct claim *claim, purlin_u64 session,
		    purlin_s64 (*give_back)(purlin_u64 session, purlin_u64 id))
{
	if (!claim->slot)
		return;
	(void)give_back(session, claim->id);
	slot_delete(claim->slot);
	claim->slot = 0;
}

void claim_release_irq(struct claim *claim)
{
	release(claim, irq_session, irq_release);
}

void claim_release_memory(struct claim *claim)
{
	release(claim, io_mem_session, io_mem_release);
}

void claim_release_ports(struct claim *claim)
{
	release(claim, io_port_session, io_port_release);
}

void claim_release_ram(struct claim *claim)
{
	if (!claim->slot)
		return;
	(void)purlin_object_destroy(claim->slot);
	slot_delete(claim->slot);
	claim->slot = 0;
}
