/* SPDX-License-Identifier: MIT */
/*
 * Claim and release at run time. All that happens to a device happens in the thread of its session:
 * others only mark the function and raise an interrupt of the owner's.
 */
#include "pci_life.h"

#include "bar_place.h"
#include "pci_await.h"
#include "pci_registers.h"
#include "pci_session.h"
#include "session/pci.h"

#define INTERRUPT_RIGHTS (PURLIN_RIGHT_READ | PURLIN_RIGHT_CONTROL)

static void tell(const struct pci_session *session)
{
	if (session && session->changed.slot)
		resource_raise(&session->changed);
}

purlin_s64 pci_life_changes(struct pci_session *session, struct request *request)
{
	purlin_u64 copy;
	purlin_s64 status = PURLIN_OK;

	if (!session->changed.slot)
		status = resource_new_irq(&session->changed, 0);
	if (!status)
		status = resource_copy(&session->changed, INTERRUPT_RIGHTS, &copy);
	if (!status)
		request_reply_cap(request, copy, true);
	return status;
}

static bool has_memory(const struct pci_session *session)
{
	for (unsigned int i = 0; i < SESSION_DMA_MAPPINGS; i++)
		if (session->mapping[i].pin.id)
			return true;
	return false;
}

static struct device *device_of(const struct pci_session *session,
				const struct pci_function *function)
{
	struct device *device = session->devices;

	while (device && device->function != function)
		device = device->next;
	return device;
}

/* It vanished while nobody could tell the session so. */
static void lose_if_gone(struct device *device, const struct pci_session *session)
{
	if (device->function->gone)
		device_lose(device, session->label, "is gone from its slot");
}

static purlin_s64 begin(struct pci_session *session, const struct assignment *assignment)
{
	purlin_s64 status = pci_session_add(session, assignment);
	struct device *device = device_of(session, assignment->function);

	if (!device) {
		pci_session_leave_out(session, assignment->function);
		return status;
	}
	device->dma = has_memory(session);
	device_update_command(device);
	lose_if_gone(device, session);
	return PURLIN_OK;
}

/* Owned before the first pause: another session must not find them free. */
static void take(struct pci_session *session, const struct assignments *fresh)
{
	struct assignments *had = &session->assignments;

	for (unsigned int i = 0; i < fresh->count; i++) {
		had->entry[had->count++] = fresh->entry[i];
		pci_function_owned(fresh->entry[i].function, session);
	}
}

purlin_s64 pci_life_claim(struct pci_server *server, struct pci_session *session,
			  struct request *request)
{
	struct assignments fresh;
	purlin_s64 status;
	purlin_u64 count = 0;

	if (request->word[0] > PCI_CLAIM_ANY)
		return PURLIN_BAD_ARGUMENT;
	status = policy_claim(&session->policy, &server->tree, session->label, session,
			      request->word[0] == PCI_CLAIM_NEW, &session->assignments, &fresh);
	if (status)
		return status;
	take(session, &fresh);
	for (unsigned int i = 0; i < fresh.count; i++)
		bars_part(server, fresh.entry[i].function);
	for (unsigned int i = 0; i < fresh.count; i++) {
		purlin_s64 one = begin(session, &fresh.entry[i]);

		count += !one;
		status = one ? one : status;
	}
	request_reply_word(request, count);
	return count ? PURLIN_OK : status;
}

static unsigned int messages_of(const struct device_msi *msi)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < msi->messages; i++)
		count += msi->msi[i].resource.slot != 0;
	for (unsigned int i = 0; i < msi->entries; i++)
		count += msi->entry[i].resource.slot != 0;
	return count;
}

/* Whoever gets the function next may want its line, and others of this session may be on it. */
static void drop_unused_lines(struct pci_session *session)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++) {
		struct line *line = &session->line[i];
		bool used = !line->resource.slot;

		for (const struct device *device = session->devices; device; device = device->next)
			used |= device->intx_given && device->route.gsi == line->route.gsi;
		if (!used)
			pci_session_drop_line(line);
	}
}

purlin_s64 pci_life_release(struct pci_server *server, struct pci_session *session, purlin_u64 bdf)
{
	struct device *device = session->devices;
	struct pci_function *function;

	/* One that is lost, too. */
	while (device && device->bdf != bdf)
		device = device->next;
	if (!device)
		return PURLIN_NO_DEVICE;
	function = device->function;
	session->messages -= messages_of(&device->msi);
	pci_session_drop(session, device);
	drop_unused_lines(session);
	pci_session_leave_out(session, function);
	resource_notify(server->slots);
	return PURLIN_OK;
}

void pci_life_arrived(const struct pci_server *server)
{
	for (const struct pci_session *session = server->sessions; session; session = session->next)
		if (!session->ending &&
		    policy_wants(&session->policy, &server->tree, session->label, true))
			tell(session);
	pci_await_arrived(server);
}

void pci_life_leaving(const struct pci_function *function)
{
	tell(function->owner);
}

void pci_life_taken_away(const struct pci_function *function)
{
	const struct pci_session *session = function->owner;
	struct device *device = session ? device_of(session, function) : NULL;

	if (device && !device->lost)
		device_lose(device, session->label, "was not given back in time");
	tell(session);
}

void pci_life_gone(struct pci_function *function)
{
	const struct pci_session *session = function->owner;
	struct device *device = session ? device_of(session, function) : NULL;

	function->gone = true;
	if (device)
		lose_if_gone(device, session);
	tell(session);
}
