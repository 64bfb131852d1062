/* SPDX-License-Identifier: MIT */
/* Life of PCI sessions. */
#include "pci_session.h"

#include <stdlib.h>
#include <string.h>

#include "hardware.h"
#include "pin.h"
#include "policy.h"

struct pci_session *pci_session_find(struct pci_server *server, purlin_u64 badge)
{
	struct pci_session *session = server->sessions;

	while (session && session->badge != badge)
		session = session->next;
	return session;
}

struct device *pci_session_device(struct pci_session *session, purlin_u64 bdf)
{
	struct device *device = session->devices;

	while (device && device->bdf != bdf)
		device = device->next;
	return device;
}

/* In the order of the client's bdf, which is that of enumeration at most places. */
static void add_device(struct pci_session *session, struct device *device)
{
	struct device **place = &session->devices;

	while (*place && (*place)->bdf < device->bdf)
		place = &(*place)->next;
	device->next = *place;
	*place = device;
	device->function->owner = session;
}

/*
 * Order matters: devices are silent and reset before an interrupt line goes, and before
 * memory they could reach may be used anew.
 */
static void drop(struct pci_session *session)
{
	while (session->devices) {
		struct device *device = session->devices;

		session->devices = device->next;
		device->function->owner = NULL;
		device_stop(device);
	}
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		claim_release_irq(&session->line[i].claim);
	for (unsigned int i = 0; i < SESSION_ATTACHMENTS; i++)
		if (session->attachment[i].slot)
			memory_release_pin(session->attachment[i].slot);
	free(session);
}

static purlin_s64 add_devices(struct pci_session *session, const struct assignments *assignments)
{
	for (unsigned int i = 0; i < assignments->count; i++) {
		const struct assignment *entry = &assignments->entry[i];
		struct device *device =
			device_start(entry->function, entry->bdf, entry->multifunction);

		if (!device)
			return PURLIN_NO_MEMORY;
		add_device(session, device);
		device_log(device, session->label);
	}
	return PURLIN_OK;
}

purlin_s64 pci_session_open(struct pci_server *server, purlin_u64 badge, const char *label,
			    const purlin_u64 *words, unsigned int count)
{
	struct policy policy;
	struct assignments assignments;
	struct pci_session *session;
	purlin_s64 status = policy_read(&policy, words, count);

	if (!status)
		status = policy_apply(&policy, &server->tree, label, &assignments);
	if (status)
		return status;
	session = calloc(1, sizeof(*session));
	if (!session)
		return PURLIN_NO_MEMORY;
	session->badge = badge;
	strncpy(session->label, label, PARENT_LABEL_BYTES);
	status = add_devices(session, &assignments);
	if (status) {
		drop(session);
		return status;
	}
	session->next = server->sessions;
	server->sessions = session;
	return PURLIN_OK;
}

bool pci_session_close(struct pci_server *server, purlin_u64 badge)
{
	struct pci_session **place = &server->sessions;
	struct pci_session *session;

	while (*place && (*place)->badge != badge)
		place = &(*place)->next;
	session = *place;
	if (!session)
		return false;
	*place = session->next;
	drop(session);
	return true;
}

static struct line *find_line(struct pci_session *session, uint32_t gsi)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		if (session->line[i].claim.slot && session->line[i].route.gsi == gsi)
			return &session->line[i];
	return NULL;
}

static struct line *free_line(struct pci_session *session)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		if (!session->line[i].claim.slot)
			return &session->line[i];
	return NULL;
}

static bool line_is_others(struct pci_server *server, const struct pci_session *session,
			   const struct device *device)
{
	for (struct pci_session *other = server->sessions; other; other = other->next) {
		if (other == session || !find_line(other, device->route.gsi))
			continue;
		device_log(device,
			   "its interrupt line is shared with a device of another component:");
		hardware_log("PCI: GSI %u belongs to '%s', '%s' cannot have it", device->route.gsi,
			     other->label, session->label);
		return true;
	}
	return false;
}

purlin_s64 pci_session_intx(struct pci_server *server, struct pci_session *session,
			    struct device *device, purlin_u64 *slot)
{
	struct line *line;
	purlin_s64 status;

	if (!device->routed)
		return PURLIN_NO_DEVICE;
	if (line_is_others(server, session, device))
		return PURLIN_BUSY;
	line = find_line(session, device->route.gsi);
	if (!line) {
		line = free_line(session);
		if (!line)
			return PURLIN_NO_MEMORY;
		status = claim_gsi(&line->claim, &device->route);
		if (status)
			return status;
		line->route = device->route;
	}
	device->intx_given = true;
	device_update_command(device);
	*slot = line->claim.slot;
	return PURLIN_OK;
}

static void allow_dma(struct pci_session *session)
{
	for (struct device *device = session->devices; device; device = device->next) {
		device->dma = true;
		device_update_command(device);
	}
}

static void stop_dma(struct pci_session *session)
{
	for (struct device *device = session->devices; device; device = device->next)
		device_stop_dma(device);
}

purlin_s64 pci_session_attach(struct pci_session *session, purlin_u64 slot, uint64_t *address)
{
	struct attachment *free_one = NULL;
	purlin_s64 status;

	for (unsigned int i = 0; i < SESSION_ATTACHMENTS && !free_one; i++)
		if (!session->attachment[i].slot)
			free_one = &session->attachment[i];
	if (!free_one)
		return PURLIN_NO_MEMORY;
	status = memory_pin_slot(slot, address);
	if (status)
		return status;
	free_one->slot = slot;
	free_one->address = *address;
	allow_dma(session);
	return PURLIN_OK;
}

/* Bus mastering ends with the last attachment, and before its pages may be used anew. */
purlin_s64 pci_session_detach(struct pci_session *session, uint64_t address)
{
	struct attachment *found = NULL;
	unsigned int others = 0;

	for (unsigned int i = 0; i < SESSION_ATTACHMENTS; i++) {
		struct attachment *attachment = &session->attachment[i];

		if (attachment->slot && attachment->address == address && !found)
			found = attachment;
		else
			others += attachment->slot != 0;
	}
	if (!found)
		return PURLIN_BAD_ARGUMENT;
	if (!others)
		stop_dma(session);
	memory_release_pin(found->slot);
	found->slot = 0;
	return PURLIN_OK;
}
