/* SPDX-License-Identifier: MIT */
/*
 * Hardware at fixed places that the description gives a Linux: the framebuffer, I/O ports and
 * interrupt lines. It gets what there is: what the platform component has taken first is missing,
 * core's log says who holds it, and Linux does without.
 */
#include "boot_data.h"
#include "create.h"
#include "guest.h"
#include "purlin/calls.h"
#include "report.h"
#include "route.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/slots.h"
#include "runtime/status.h"

/* Give away a capability that a claim brought, in the guest's next slot. */
static purlin_s64 give(struct new_guest *guest, purlin_u64 claimed, uint32_t *slot)
{
	purlin_s64 status =
		component_give(guest->component, guest->next_slot, claimed, ALL_BUT_DESTROY, 0);

	if (!status)
		*slot = (uint32_t)guest->next_slot++;
	slot_delete(claimed);
	return status;
}

static purlin_s64 add_ports(struct new_guest *guest, purlin_u64 session)
{
	const struct description_ranges *wanted = &guest->wanted->io_ports;
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < wanted->count; i++) {
		struct guest_ports *ports = &guest->ports[guest->ports_count];
		purlin_u64 claimed, id;

		ports->first = (uint32_t)wanted->range[i].first;
		ports->count = (uint32_t)wanted->range[i].count;
		/* Somebody else has them: its Linux finds none there, as on a machine without. */
		if (io_port_claim(session, ports->first, ports->count, &claimed, &id))
			continue;
		status = give(guest, claimed, &ports->slot);
		guest->ports_count += !status;
	}
	return status;
}

/* As on the ISA bus: edges, active high. */
static purlin_s64 add_lines(struct new_guest *guest, purlin_u64 session)
{
	const struct description_ranges *wanted = &guest->wanted->irqs;
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < wanted->count; i++) {
		struct guest_line *line = &guest->lines[guest->line_count];
		purlin_u64 claimed, id;

		line->number = (uint32_t)wanted->range[i].first;
		if (irq_claim(session, line->number, 0, &claimed, &id))
			continue;
		status = give(guest, claimed, &line->slot);
		guest->line_count += !status;
	}
	return status;
}

/* Guest-physical addresses of device memory are physical ones, as for PCI devices. */
static purlin_s64 add_framebuffer(struct new_guest *guest, purlin_u64 session)
{
	const struct purlin_framebuffer *framebuffer = &boot_info->framebuffer;
	purlin_u64 offset = framebuffer->base % PURLIN_PAGE_SIZE;
	purlin_u64 base = framebuffer->base - offset;
	purlin_u64 pages = PAGES_OF(offset + (purlin_u64)framebuffer->pitch * framebuffer->height);
	purlin_u64 claimed, id;

	/* Write combining: a picture is written once, in order, and not read. */
	if (io_mem_claim(session, base, pages, PURLIN_MAP_WRITE_COMBINING, &claimed, &id))
		return PURLIN_OK;
	guest->framebuffer = !purlin_guest_attach(guest->component->pd, base, claimed, 0, pages,
						  PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	slot_delete(claimed);
	if (!guest->framebuffer)
		report(guest->component, "no screen: its memory lies at the framebuffer's 0x%lx",
		       base);
	return PURLIN_OK;
}

static purlin_s64 add(struct new_guest *guest, const char *service,
		      purlin_s64 (*claim)(struct new_guest *guest, purlin_u64 session))
{
	purlin_u64 session;
	purlin_s64 status = route_open(guest->component, service, "linux", NULL, 0, &session);

	if (!status) {
		status = claim(guest, session);
		slot_delete(session);
	}
	if (status)
		report(guest->component, "%s session: %s", service, status_text(status));
	return status;
}

purlin_s64 guest_hardware(struct new_guest *guest)
{
	const struct component_description *wanted = guest->wanted;
	purlin_s64 status = PURLIN_OK;

	if (wanted->io_ports.count)
		status = add(guest, "IO_PORT", add_ports);
	if (!status && wanted->irqs.count)
		status = add(guest, "IRQ", add_lines);
	if (!status && wanted->framebuffer && boot_info->framebuffer.width)
		status = add(guest, "IO_MEM", add_framebuffer);
	return status;
}
