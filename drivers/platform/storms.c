/* SPDX-License-Identifier: MIT */
/* Sources that are silenced, and for how long. */
#include "storms.h"

#include "hardware.h"
#include "session/pci.h"

/* Has it come too fast since the last look? */
static bool grown(const struct resource *resource, uint32_t *seen)
{
	uint64_t delivered, storms = 0;

	if (!resource->slot)
		return false;
	resource_irq_counts(resource, &delivered, &storms);
	if (storms == *seen)
		return false;
	/* The signal says only that some source has stormed, so each is asked how often it has. */
	*seen = (uint32_t)storms;
	return true;
}

/* Only the last one is kept. The owner sees by the count whether it has missed others. */
static void tell(struct pci_session *session, const struct device *device, unsigned int kind,
		 unsigned int index)
{
	session->storm.count++;
	session->storm.bdf = device->bdf;
	session->storm.kind = kind;
	session->storm.index = index;
	resource_notify(session->storm.signal);
}

/* All messages of a function under one number: those of MSI, then those of MSI-X. */
static unsigned int kind_of(const struct device_msi *msi, unsigned int number)
{
	return number < msi->messages ? PCI_MSI : PCI_MSIX;
}

static unsigned int index_of(const struct device_msi *msi, unsigned int number)
{
	return number < msi->messages ? number : number - msi->messages;
}

static void silence_messages(struct pci_session *session, struct device *device, uint64_t until)
{
	struct device_msi *msi = &device->msi;

	for (unsigned int i = 0; i < msi->messages + msi->entries; i++) {
		unsigned int kind = kind_of(msi, i), index = index_of(msi, i);
		struct message_interrupt *interrupt = device_msi_find(msi, kind, index);

		if (!grown(&interrupt->resource, &interrupt->storms))
			continue;
		/*
		 * Noted even if the function is being reset: what is programmed after the reset
		 * follows it.
		 */
		interrupt->held_until = until;
		if (!device->busy)
			device_msi_reprogram(msi, kind, index);
		tell(session, device, kind, index);
	}
}

/* Any of the session's devices on it may be the source; all are its own. */
static void silence_lines(struct pci_session *session, uint64_t until)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++) {
		struct line *line = &session->line[i];

		if (line->shared || !grown(&line->resource, &line->storms))
			continue;
		for (struct device *device = session->devices; device; device = device->next) {
			if (!device->intx_given || device->route.gsi != line->route.gsi)
				continue;
			device->intx.held_until = until;
			device->intx.masked = true;
			if (!device->busy)
				device_update_command(device);
			tell(session, device, PCI_LINE, 0);
		}
	}
}

void storms_note(struct pci_server *server)
{
	uint64_t until = hardware_time_ns() + STORM_REST;

	/*
	 * All are looked at. That takes a call for each interrupt, but the kernel limits how often.
	 */
	for (struct pci_session *session = server->sessions; session; session = session->next) {
		for (struct device *device = session->devices; device; device = device->next)
			silence_messages(session, device, until);
		silence_lines(session, until);
	}
}

/* Those of MSI were all off if they have no masks. */
static void raise_others(struct device_msi *msi)
{
	for (unsigned int i = 0; i < msi->messages; i++)
		if (msi->msi[i].resource.slot)
			resource_raise(&msi->msi[i].resource);
}

/* A message that was sent while the function had none enabled is lost: so there is one more. */
static void resume_message(struct device *device, unsigned int kind, unsigned int index)
{
	struct device_msi *msi = &device->msi;
	struct message_interrupt *interrupt = device_msi_find(msi, kind, index);

	interrupt->held_until = 0;
	if (!device->busy)
		device_msi_reprogram(msi, kind, index);
	if (!device_msi_masks(msi, kind))
		raise_others(msi);
	else if (interrupt->resource.slot)
		resource_raise(&interrupt->resource);
}

static void resume_line(struct device *device)
{
	device->intx.held_until = 0;
	device->intx.masked = false;
	if (!device->busy)
		device_update_command(device);
}

static bool holds_line_alone(const struct pci_session *session, const struct device *device)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		if (session->line[i].resource.slot && !session->line[i].shared &&
		    session->line[i].route.gsi == device->route.gsi)
			return device->intx_given;
	return false;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Let the device's sources go on whose time is over; when the next one is due. A line with other
 * owners is shared_line.c's.
 */
static uint64_t due_of(struct pci_session *session, struct device *device, uint64_t now)
{
	struct device_msi *msi = &device->msi;
	uint64_t next = ~0ull;

	for (unsigned int i = 0; i < msi->messages + msi->entries; i++) {
		unsigned int kind = kind_of(msi, i), index = index_of(msi, i);
		uint64_t until = device_msi_find(msi, kind, index)->held_until;

		if (until && until <= now)
			resume_message(device, kind, index);
		else if (until)
			next = earlier(next, until);
	}
	if (!device->intx.held_until || !holds_line_alone(session, device))
		return next;
	if (device->intx.held_until > now)
		return earlier(next, device->intx.held_until);
	resume_line(device);
	return next;
}

uint64_t storms_due(struct pci_server *server)
{
	uint64_t now = hardware_time_ns(), next = ~0ull;

	for (struct pci_session *session = server->sessions; session; session = session->next) {
		/* Whoever wants to be told says when to go on. */
		if (session->storm.signal)
			continue;
		for (struct device *device = session->devices; device; device = device->next)
			next = earlier(next, due_of(session, device, now));
	}
	return next;
}

purlin_s64 storms_tell(struct pci_session *session, struct request *request)
{
	const struct session_storm *storm = &session->storm;

	if (request->caps && request->cap[0]) {
		resource_forget(session->storm.signal);
		session->storm.signal = request->cap[0];
		request->cap[0] = 0; /* kept */
	}
	request_reply_word(request, storm->count);
	request_reply_word(request, storm->bdf);
	request_reply_word(request, storm->kind);
	request_reply_word(request, storm->index);
	return PURLIN_OK;
}

static uint64_t held_until(const struct pci_session *session, struct device *device,
			   purlin_u64 kind, purlin_u64 index)
{
	const struct message_interrupt *interrupt;

	if (kind == PCI_LINE)
		return holds_line_alone(session, device) ? device->intx.held_until : 0;
	if (index > MSIX_SIZE)
		return 0;
	interrupt = device_msi_find(&device->msi, (unsigned int)kind, (unsigned int)index);
	return interrupt ? interrupt->held_until : 0;
}

purlin_s64 storms_resume(struct pci_session *session, struct device *device,
			 struct request *request)
{
	purlin_u64 kind = request->word[1], index = request->word[2];
	uint64_t until;

	if (kind > PCI_LINE)
		return PURLIN_BAD_ARGUMENT;
	until = held_until(session, device, kind, index);
	if (!until)
		return PURLIN_NO_DEVICE;
	/* The owner may want it back at once, but so soon the storm would go on. */
	if (hardware_time_ns() < until)
		return PURLIN_AGAIN;
	if (kind == PCI_LINE)
		resume_line(device);
	else
		resume_message(device, (unsigned int)kind, (unsigned int)index);
	return PURLIN_OK;
}
