/* SPDX-License-Identifier: MIT */
/*
 * The sessions that a guest has from the start (session/services.h): memory shared with servers,
 * and PCI devices with DMA to its RAM. Slots, events and addresses are given out in order; the
 * guest learns them from its device tree, so nothing else depends on which they are.
 */
#include "control.h"
#include "create.h"
#include "device_sessions.h"
#include "guest.h"
#include "purlin/calls.h"
#include "report.h"
#include "route.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/status.h"

/* Give away a capability in the guest's next slot. */
static purlin_s64 give_next(struct new_guest *guest, purlin_u64 from, purlin_u64 *slot)
{
	purlin_s64 status =
		component_give(guest->component, guest->next_slot, from, PURLIN_RIGHT_WRITE, 0);

	if (!status)
		*slot = guest->next_slot++;
	return status;
}

/* received: memory object, and the signal that the guest notifies. */
static purlin_s64 take_shared(struct new_guest *guest, struct guest_session *session,
			      uint32_t pages, const purlin_u64 *received)
{
	purlin_s64 status =
		purlin_guest_attach(guest->component->pd, guest->memory_end, received[0], 0, pages,
				    PURLIN_MAP_READ | PURLIN_MAP_WRITE);

	if (status)
		return status;
	session->address = guest->memory_end;
	guest->memory_end += pages * PURLIN_PAGE_SIZE;
	return give_next(guest, received[1], &session->notify);
}

/* Badged with the event's bit: a server cannot raise the events of others. */
static purlin_s64 take_event(struct new_guest *guest, struct guest_session *session,
			     purlin_u64 *signal)
{
	purlin_u64 first_word = guest->component->processors[0].signals[0];

	if (guest->next_event == GUEST_EVENTS)
		return PURLIN_NO_MEMORY;
	session->event = guest->next_event++;
	return slot_copy(first_word, PURLIN_RIGHT_WRITE, 1ull << session->event, signal);
}

/* The guest cannot ask the server itself before it runs, and needs its console to say why not. */
static purlin_s64 start_shared(struct new_guest *guest, struct guest_session *session,
			       purlin_u64 endpoint)
{
	const struct description_service *service = session->wanted->service;
	purlin_u64 signal, received[2];
	purlin_s64 status = take_event(guest, session, &signal);

	if (status)
		return status;
	status = route_exchange(guest->component, service->name, endpoint, service->operation, 0, 1,
				&signal, 2, received);
	slot_delete(signal);
	if (status)
		return status;
	status = take_shared(guest, session, service->pages, received);
	/* The guest keeps what it needs: the attachment, its copy of the signal. */
	slot_delete(received[0]);
	slot_delete(received[1]);
	return status;
}

static purlin_s64 open_shared(struct new_guest *guest, struct guest_session *session)
{
	const struct description_session *wanted = session->wanted;
	purlin_u64 endpoint;
	purlin_s64 status = route_open(guest->component, wanted->service->name, wanted->label, NULL,
				       0, &endpoint);

	if (status)
		return status;
	status = start_shared(guest, session, endpoint);
	slot_delete(endpoint);
	return status;
}

/* The memory is the guest's from the start: what a server has of it is lent. */
static purlin_s64 open_device(struct new_guest *guest, struct guest_session *session)
{
	struct component *component = guest->component;
	struct device_session *device = &component->devices[component->device_count];
	uint32_t pages = session->wanted->service->pages;
	purlin_s64 status;

	*device = (struct device_session){ .wanted = session->wanted };
	status = take_event(guest, session, &device->answers);
	if (status)
		return status;
	/* Counted at once: cleaning up finds what it has. */
	component->device_count++;
	device->notify = session->notify = guest->next_slot++;
	session->device = device;
	status = memory_new(component->account, pages, 0, &device->memory);
	if (!status)
		status = purlin_guest_attach(component->pd, guest->memory_end, device->memory, 0,
					     pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	if (status)
		return status;
	session->address = guest->memory_end;
	guest->memory_end += pages * PURLIN_PAGE_SIZE;
	return device_session_open(component, device);
}

static purlin_s64 open_session(struct new_guest *guest, const struct description_session *wanted)
{
	struct guest_session *session = &guest->sessions[guest->session_count];
	purlin_s64 status;

	session->wanted = wanted;
	if (wanted->service->delivery == DELIVERY_OWN)
		status = PURLIN_OK; /* Linux is told of it, and opens it */
	else if (wanted->service->delivery == DELIVERY_VIRTIO)
		status = open_device(guest, session);
	else
		status = open_shared(guest, session);
	if (status)
		report(guest->component, "%s session \"%s\": %s", wanted->service->name,
		       wanted->label, status_text(status));
	else
		guest->session_count++;
	return status;
}

/*
 * The guest sees device memory at its bus addresses, so its RAM lies elsewhere. The windows below
 * 1 MiB, where PCs have their VGA memory, are left out: the guest has RAM there.
 */
static void keep_window(struct new_guest *guest, const purlin_u64 *word)
{
	struct guest_window window = { word[0], word[1], word[2] };

	if ((window.kind & 0xff) == PCI_BAR_MEMORY && window.base >= MIB)
		guest->windows[guest->window_count++] = window;
}

static purlin_s64 get_windows(struct new_guest *guest, const char *service, purlin_u64 session)
{
	const purlin_u64 *word = message()->word;
	purlin_s64 status = route_exchange(guest->component, service, session, PCI_WINDOWS, 0, 0,
					   NULL, 0, NULL);

	if (status)
		return status;
	for (unsigned int i = 0; i < word[0] && i < GUEST_WINDOWS; i++)
		keep_window(guest, &word[1 + 3 * i]);
	return PURLIN_OK;
}

static purlin_s64 open_devices(struct new_guest *guest, const char *service)
{
	purlin_s64 status = route_open(guest->component, service, "pci", NULL, 0, &guest->devices);

	if (status) {
		report(guest->component, "no %s session: %s", service, status_text(status));
		return status;
	}
	guest->devices_service = service;
	return get_windows(guest, service, guest->devices);
}

purlin_s64 guest_devices(struct new_guest *guest)
{
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < description_service_count; i++)
		if (description_services[i].delivery == DELIVERY_DEVICES &&
		    guest->wanted->pci_rule_count)
			status = open_devices(guest, description_services[i].name);
	return status;
}

/*
 * All RAM, once: Linux's drivers choose any page of it for DMA. Behind an IOMMU devices find each
 * part where the guest has it; else where it is.
 */
static purlin_s64 map_ram(struct new_guest *guest)
{
	const struct component *component = guest->component;
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < guest->part_count; i++) {
		struct guest_part *part = &guest->parts[i];

		message()->word[0] = part->address;
		message()->word[1] = part->offset / PURLIN_PAGE_SIZE;
		message()->word[2] = part->bytes / PURLIN_PAGE_SIZE;
		status =
			route_exchange(guest->component, guest->devices_service, guest->devices,
				       PCI_DMA_MAP, 3, 1, &component->memory[part->piece], 0, NULL);
		part->bus = message()->word[0];
	}
	return status;
}

static purlin_s64 give_devices(struct new_guest *guest)
{
	purlin_s64 status = map_ram(guest);

	if (!status)
		status = give_next(guest, guest->devices, &guest->pci);
	if (status)
		report(guest->component, "%s session: %s", guest->devices_service,
		       status_text(status));
	return status;
}

/* It could ask for it, but would do so while its parent may wait for a server on its behalf. */
static purlin_s64 give_control(struct new_guest *guest)
{
	purlin_u64 session;
	purlin_s64 status = control_open(guest->component, &session);

	if (status)
		return status;
	status = give_next(guest, session, &guest->control);
	slot_delete(session);
	return status;
}

/* Parts of RAM for servers that it trusts with all of it. They are the same as long as it lives. */
static void note_lent(struct new_guest *guest)
{
	struct component *component = guest->component;

	component->lent_count = 0;
	if (!guest->wanted->lends_ram)
		return;
	if (guest->part_count > VIRTIO_LENT_PARTS) {
		report(component, "RAM is in %u parts, too many to be lent: its data is copied",
		       guest->part_count);
		return;
	}
	for (unsigned int i = 0; i < guest->part_count; i++)
		component->lent[component->lent_count++] = (struct lent_part){
			.address = guest->parts[i].address,
			.offset = guest->parts[i].offset / PURLIN_PAGE_SIZE,
			.pages = guest->parts[i].bytes / PURLIN_PAGE_SIZE,
			.piece = guest->parts[i].piece,
		};
}

purlin_s64 guest_sessions(struct new_guest *guest)
{
	const struct component_description *wanted = guest->wanted;
	purlin_s64 status = PURLIN_OK;

	note_lent(guest);

	/* Not in the large page that RAM ends in, which Linux maps as a whole. */
	if (wanted->session_count)
		guest->memory_end = LARGE_PAGE_UP(guest->memory_end);
	for (unsigned int i = 0; !status && i < wanted->session_count; i++)
		status = open_session(guest, &wanted->sessions[i]);
	if (!status && guest->devices)
		status = give_devices(guest);
	if (!status && guest->component->control.endpoint)
		status = give_control(guest);
	return status;
}
