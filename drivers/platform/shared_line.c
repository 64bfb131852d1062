/* SPDX-License-Identifier: MIT */
/* Lines with several owners: who asserts, who has to ack, and what if nobody does. */
#include "shared_line.h"

#include "hardware.h"
#include "pci_config.h"
#include "pci_registers.h"

struct shared_line {
	struct resource resource; /* the line itself; slot 0: not used */
	struct route route;
	unsigned int sessions;
	unsigned int unclaimed; /* in succession */
	uint64_t until;		/* masked until then, or until all suspects have acked; 0: open */
};

/*
 * The line itself belongs to the platform component. Each owner has a soft interrupt in its place,
 * so none of them can keep it masked for the others.
 */
static struct shared_line lines[SHARED_LINES];

/*
 * Functions that nobody can be given are silent for good, so they do not make a line a shared one.
 */
static bool pin_leads_to(const struct pci_function *function, uint32_t gsi)
{
	struct route route;

	return policy_assignable(function) && acpi_route_find(function, &route) && route.gsi == gsi;
}

/* What may come into a slot counts as there. */
static bool slot_leads_to(const struct pci_function *port, uint32_t gsi)
{
	struct pci_function later = { .bdf = (uint16_t)PCI_BDF(port->secondary, 0, 0) };
	struct route route;

	later.parent = (struct pci_function *)(uintptr_t)port;
	for (later.pin = 1; port->hot_plug && later.pin <= 4; later.pin++)
		if (acpi_route_find(&later, &route) && route.gsi == gsi)
			return true;
	return false;
}

/* By what there is on the line, not by who has it now: so the answer never changes under an owner.
 */
bool shared_line_wanted(const struct pci_server *server, const struct pci_session *session,
			uint32_t gsi)
{
	for (unsigned int i = 0; i < server->tree.count; i++)
		if ((server->tree.function[i].owner != session &&
		     pin_leads_to(&server->tree.function[i], gsi)) ||
		    slot_leads_to(&server->tree.function[i], gsi))
			return true;
	return false;
}

static purlin_s64 take(struct shared_line *shared, unsigned int index, const struct route *route)
{
	purlin_s64 status = resource_claim_gsi(&shared->resource, route);

	if (status)
		return status;
	shared->route = *route;
	shared->sessions = 0;
	shared->unclaimed = 0;
	shared->until = 0;
	status = resource_bind_watcher(&shared->resource, SHARED_LINE_CAME(index));
	if (status)
		resource_release_irq(&shared->resource);
	return status;
}

/* One entry for each GSI, however many sessions join: core lends a line only once. */
static purlin_s64 find(const struct route *route, unsigned int *index)
{
	unsigned int unused = SHARED_LINES;

	for (unsigned int i = 0; i < SHARED_LINES; i++) {
		*index = i;
		if (lines[i].resource.slot && lines[i].route.gsi == route->gsi)
			return PURLIN_OK;
		if (!lines[i].resource.slot)
			unused = i;
	}
	*index = unused;
	return unused == SHARED_LINES ? PURLIN_NO_MEMORY : take(&lines[unused], unused, route);
}

/* Core masks a line that is given back. While nobody uses it, nobody could answer for it. */
static void give_up_unused(struct shared_line *shared)
{
	if (!shared->sessions)
		resource_release_irq(&shared->resource);
}

purlin_s64 shared_line_join(struct pci_server *server, struct line *line)
{
	unsigned int index;
	purlin_s64 status = find(&line->route, &index);

	(void)server;
	if (status)
		return status;
	status = resource_new_irq(&line->resource, SHARED_LINE_ACKED(index));
	if (status) {
		give_up_unused(&lines[index]);
		return status;
	}
	line->shared = &lines[index];
	line->shared->sessions++;
	return PURLIN_OK;
}

void shared_line_leave(struct line *line)
{
	resource_release_soft_irq(&line->resource);
	line->shared->sessions--;
	give_up_unused(line->shared);
	line->shared = NULL;
}

/* At most one: a session has one entry for each GSI (find_line() in pci_session.c). */
static struct line *line_of(struct pci_session *session, const struct shared_line *shared)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		if (session->line[i].resource.slot && session->line[i].shared == shared)
			return &session->line[i];
	return NULL;
}

/*
 * A function whose owner has not asked for the line has INTx disabled, and a lost one is silent for
 * good.
 */
static bool is_on(const struct device *device, const struct shared_line *shared)
{
	return device->intx_given && !device->lost && device->route.gsi == shared->route.gsi;
}

/* One in the middle of its reset is left alone, and silent. */
static bool asserts(const struct device *device)
{
	const struct pci_function *function = device->function;

	return function->intx_maskable && !device->busy && !device->intx.masked &&
	       !(config_filter_wish(&device->filter, CFG_COMMAND, 2) & COMMAND_INTX_DISABLE) &&
	       (pci_config_read(function->bdf, CFG_STATUS, 2) & STATUS_INTX);
}

/* An owner that acks and leaves its device as it is must not keep the platform for itself. */
static void spend(struct device *device, uint64_t now)
{
	struct device_intx *intx = &device->intx;

	if (now - intx->since >= SHARED_LINE_STRETCH) {
		intx->since = now;
		intx->count = 0;
	}
	if (++intx->count < SHARED_LINE_BUDGET)
		return;
	if (!intx->storms++)
		device_log(device, "asserts its interrupt line without end, and is held back");
	intx->held_until = now + SHARED_LINE_STRETCH;
	intx->count = 0;
}

/* Silent first: so the line can be opened again before the owner has run at all. */
static void mask(struct device *device, struct line *line, uint64_t now)
{
	device->intx.masked = true;
	device_update_command(device);
	spend(device, now);
	resource_raise(&line->resource);
}

/*
 * All that assert, not only the first: each of them keeps the line up, and looking at the rest
 * costs less than another interrupt.
 */
static bool claim_all(struct pci_server *server, const struct shared_line *shared)
{
	uint64_t now = hardware_time_ns();
	bool claimed = false;

	for (struct pci_session *session = server->sessions; session; session = session->next) {
		struct line *line = line_of(session, shared);

		for (struct device *device = line ? session->devices : NULL; device;
		     device = device->next) {
			if (!is_on(device, shared) || !asserts(device))
				continue;
			mask(device, line, now);
			claimed = true;
		}
	}
	return claimed;
}

/* No function says that it was the one: those that cannot say it are asked by their owners. */
static bool suspect_all(struct pci_server *server, const struct shared_line *shared)
{
	bool suspected = false;

	for (struct pci_session *session = server->sessions; session; session = session->next) {
		struct line *line = line_of(session, shared);

		for (struct device *device = line ? session->devices : NULL; device;
		     device = device->next) {
			if (!is_on(device, shared) || device->function->intx_maskable)
				continue;
			device->intx.suspect = true;
			resource_raise(&line->resource);
			suspected = true;
		}
	}
	return suspected;
}

static void open_line(struct shared_line *shared)
{
	shared->until = 0;
	resource_ack(&shared->resource);
}

static void came(struct pci_server *server, struct shared_line *shared)
{
	if (claim_all(server, shared)) {
		shared->unclaimed = 0;
	} else if (suspect_all(server, shared)) {
		/*
		 * The line stays closed: such a function cannot be masked, and would raise it again
		 * at once.
		 */
		shared->until = hardware_time_ns() + SHARED_LINE_WAIT;
		return;
	} else if (++shared->unclaimed == SHARED_LINE_UNCLAIMED) {
		/*
		 * One is harmless: a device may have changed its mind. Many in a row come from
		 * something that nobody here can silence, and would take the whole processor.
		 */
		shared->unclaimed = 0;
		shared->until = hardware_time_ns() + SHARED_LINE_STRETCH;
		return;
	}
	open_line(shared);
}

static void unmask(struct device *device)
{
	device->intx.masked = false;
	device->intx.held_until = 0;
	/* After a reset its command register is written anyway. */
	if (!device->busy)
		device_update_command(device);
}

/* What of the session's waits for an ack may go on, if the owner has acked. */
static void settle(struct pci_session *session, struct line *line, uint64_t now)
{
	if (resource_unacked(&line->resource))
		return;
	for (struct device *device = session->devices; device; device = device->next) {
		if (!is_on(device, line->shared))
			continue;
		device->intx.suspect = false;
		/* If it still asserts, the line comes again, and it is found again. */
		if (device->intx.masked && device->intx.held_until <= now)
			unmask(device);
	}
}

static bool suspects_left(struct pci_server *server, const struct shared_line *shared)
{
	for (struct pci_session *session = server->sessions; session; session = session->next)
		for (struct device *device = session->devices; device; device = device->next)
			if (is_on(device, shared) && device->intx.suspect)
				return true;
	return false;
}

static void settle_all(struct pci_server *server, struct shared_line *shared)
{
	uint64_t now = hardware_time_ns();
	bool waited = suspects_left(server, shared);

	for (struct pci_session *session = server->sessions; session; session = session->next) {
		struct line *line = line_of(session, shared);

		if (line)
			settle(session, line, now);
	}
	/* With the last ack: each of those that have not acked may be the one that asserts. */
	if (waited && !suspects_left(server, shared))
		open_line(shared);
}

void shared_lines_note(struct pci_server *server, uint64_t bits)
{
	for (unsigned int i = 0; i < SHARED_LINES; i++) {
		if (!lines[i].resource.slot)
			continue;
		/*
		 * Acks first: a function that may assert again is then looked at with what has
		 * come.
		 */
		if (bits & SHARED_LINE_ACKED(i))
			settle_all(server, &lines[i]);
		if (bits & SHARED_LINE_CAME(i))
			came(server, &lines[i]);
	}
}

/* Whose owner did not ack in time: it has had its chance, and the others wait. */
static void lose_suspects(struct pci_server *server, const struct shared_line *shared)
{
	for (struct pci_session *session = server->sessions; session; session = session->next)
		for (struct device *device = session->devices; device; device = device->next)
			if (is_on(device, shared) && device->intx.suspect)
				device_lose(device, session->label,
					    "its owner did not ack, and it shares its line");
}

static uint64_t due_of(struct pci_server *server, struct shared_line *shared, uint64_t now)
{
	uint64_t next = shared->until ? shared->until : ~0ull;

	for (struct pci_session *session = server->sessions; session; session = session->next) {
		struct line *line = line_of(session, shared);

		if (!line)
			continue;
		/*
		 * An ack may have come while its function was held back. Nothing else tells of that
		 * now.
		 */
		settle(session, line, now);
		for (struct device *device = session->devices; device; device = device->next)
			if (is_on(device, shared) && device->intx.held_until > now &&
			    device->intx.held_until < next)
				next = device->intx.held_until;
	}
	return next;
}

uint64_t shared_lines_due(struct pci_server *server)
{
	uint64_t now = hardware_time_ns(), next = ~0ull;

	for (unsigned int i = 0; i < SHARED_LINES; i++) {
		uint64_t due;

		if (!lines[i].resource.slot)
			continue;
		if (lines[i].until && lines[i].until <= now) {
			lose_suspects(server, &lines[i]);
			open_line(&lines[i]);
		}
		due = due_of(server, &lines[i], now);
		next = due < next ? due : next;
	}
	return next;
}
