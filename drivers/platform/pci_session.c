/* SPDX-License-Identifier: MIT */
/* Life of PCI sessions. */
#include "pci_session.h"

#include <stdlib.h>
#include <string.h>

#include "bar_place.h"
#include "hardware.h"
#include "pci_config.h"
#include "shared_line.h"

#define MILLISECOND 1000000ull

/* One that is ending is not found any more: it is being taken apart while its thread pauses. */
struct pci_session *pci_session_find(struct pci_server *server, purlin_u64 badge)
{
	struct pci_session *session = server->sessions;

	while (session && (session->badge != badge || session->ending))
		session = session->next;
	return session;
}

struct device *pci_session_device(struct pci_session *session, purlin_u64 bdf)
{
	struct device *device = session->devices;

	while (device && (device->bdf != bdf || device->lost))
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
}

/*
 * Silent and reset before it leaves its domain: what it still sends would be a fault, or reach all
 * memory where nothing translates.
 */
void pci_session_drop(struct pci_session *session, struct device *device)
{
	struct dma_domain *domain = &session->domain;
	struct pci_function *function = device->function;
	struct device **place = &session->devices;

	while (*place != device)
		place = &(*place)->next;
	*place = device->next;
	device_stop(device);
	pci_function_had(function, session->label);
	function->quarantined |= !domain->type->remove(domain, function);
}

static void quarantine(const struct pci_session *session)
{
	hardware_log("PCI: memory of '%s' stays pinned: its devices may still reach it",
		     session->label);
}

/* The pages may be reused only if no device can reach them through a cached translation. */
static void release_pins(struct pci_session *session, struct dma_mapping *mapping,
			 unsigned int count)
{
	struct dma_domain *domain = &session->domain;
	bool safe;

	for (unsigned int i = 0; i < count; i++)
		if (mapping[i].pin.id)
			domain->type->unmap(domain, &mapping[i].pin, mapping[i].address);
	/* One flush for all of them: it takes long, and none of the pins goes before it. */
	safe = domain->type->flush(domain);
	if (!safe)
		quarantine(session);
	for (unsigned int i = 0; i < count; i++) {
		if (mapping[i].pin.id && safe)
			pin_release(&mapping[i].pin);
		mapping[i].pin.id = 0;
	}
}

void pci_session_drop_line(struct line *line)
{
	if (line->shared)
		shared_line_leave(line);
	else
		resource_release_irq(&line->resource);
}

static void set_owners(const struct assignments *assignments, const struct pci_session *owner)
{
	for (unsigned int i = 0; i < assignments->count; i++)
		pci_function_owned(assignments->entry[i].function, owner);
}

static void unlink_session(struct pci_server *server, const struct pci_session *session)
{
	struct pci_session **place = &server->sessions;

	while (*place != session)
		place = &(*place)->next;
	*place = session->next;
}

/*
 * Order matters: devices are silent and reset before an interrupt line goes, and before
 * memory they could reach may be used anew. The session is known, and owns its functions, until the
 * last of it is gone: others look for who has a line or registers while this pauses.
 */
void pci_session_end(struct pci_server *server, struct pci_session *session)
{
	while (session->devices)
		pci_session_drop(session, session->devices);
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		pci_session_drop_line(&session->line[i]);
	release_pins(session, session->mapping, SESSION_DMA_MAPPINGS);
	session->domain.type->end(&session->domain);
	resource_forget(session->fault.signal);
	resource_forget(session->storm.signal);
	resource_release_soft_irq(&session->changed);
	set_owners(&session->assignments, NULL);
	resource_notify(server->slots);
	unlink_session(server, session);
	server->changes++;
	free(session);
}

/* How long its component had to wait for what came at run time. */
static void log_arrival(struct pci_function *function)
{
	if (!function->came)
		return;
	hardware_log_for("slots", "PCI %02x:%02x.%x has an owner %u ms after its slot told of it",
			 PCI_BUS(function->bdf), PCI_SLOT(function->bdf),
			 PCI_FUNCTION(function->bdf),
			 (unsigned int)((hardware_time_ns() - function->came) / MILLISECOND));
	function->came = 0;
}

/* Before the function is in the domain it is no bus master: the session has no memory for it. */
purlin_s64 pci_session_add(struct pci_session *session, const struct assignment *assignment)
{
	struct dma_domain *domain = &session->domain;
	struct device *device = device_start(assignment->function, domain, assignment->bdf,
					     assignment->multifunction);
	purlin_s64 status;

	if (!device)
		return PURLIN_NO_MEMORY;
	status = domain->type->add(domain, device->function);
	if (status) {
		pci_function_refuse(assignment->function, session->label,
				    "its DMA domain cannot take it (the log says why)");
		device_stop(device);
		return status;
	}
	add_device(session, device);
	device_log(device, session->label);
	log_arrival(assignment->function);
	return PURLIN_OK;
}

void pci_session_leave_out(struct pci_session *session, struct pci_function *function)
{
	struct assignments *assignments = &session->assignments;

	for (unsigned int i = 0; i < assignments->count; i++)
		if (assignments->entry[i].function == function)
			assignments->entry[i--] = assignments->entry[--assignments->count];
	function->owner = NULL;
}

/* A rule by class or slot means what can be given; where one names it, nobody does without. */
purlin_s64 pci_session_start(struct pci_session *session)
{
	const struct assignments *assignments = &session->assignments;
	unsigned int i = 0;

	while (i < assignments->count) {
		struct pci_function *function = assignments->entry[i].function;
		purlin_s64 status = pci_session_add(session, &assignments->entry[i]);

		if (!status)
			i++;
		else if (status == PURLIN_NO_RIGHT && !policy_names(&session->policy, function))
			pci_session_leave_out(session, function);
		else
			return status;
	}
	return PURLIN_OK;
}

/* Sessions with the same component in front of the slash of their label. */
static unsigned int sessions_of(const struct pci_server *server, const char *label)
{
	size_t length = strcspn(label, "/") + 1;
	unsigned int count = 0;

	for (const struct pci_session *session = server->sessions; session; session = session->next)
		count += !strncmp(session->label, label, length);
	return count;
}

static purlin_s64 set_up(struct pci_server *server, struct pci_session *session,
			 const purlin_u64 *words, unsigned int count)
{
	struct policy *policy = &session->policy;
	purlin_s64 status = policy_read(policy, words, count);

	if (status)
		return status;
	policy->isolated = server->dma->isolates;
	policy->trusted_dma |= policy->isolated; /* then nobody needs to be trusted */
	status = policy_apply(policy, &server->tree, session->label, &session->assignments);
	if (status)
		return status;
	session->domain = (struct dma_domain){ server->dma, .processor = policy->processor };
	return server->dma->start(&session->domain);
}

/* Each session takes a thread: a component must not take all that the platform can have. */
purlin_s64 pci_session_new(struct pci_server *server, purlin_u64 badge, const char *label,
			   const purlin_u64 *words, unsigned int count,
			   struct pci_session **created)
{
	struct pci_session *session;
	purlin_s64 status;

	if (sessions_of(server, label) == PCI_SESSIONS_MOST)
		return PURLIN_NO_MEMORY;
	session = calloc(1, sizeof(*session));
	if (!session)
		return PURLIN_NO_MEMORY;
	session->badge = badge;
	strncpy(session->label, label, PARENT_LABEL_BYTES);
	status = set_up(server, session, words, count);
	/* Also when it is refused: the functions say so from now on. */
	server->changes++;
	if (status) {
		free(session);
		return status;
	}
	/* Owned from here on, before the first pause: another session must not find them free. */
	set_owners(&session->assignments, session);
	for (unsigned int i = 0; i < session->assignments.count; i++)
		bars_part(server, session->assignments.entry[i].function);
	session->next = server->sessions;
	server->sessions = session;
	*created = session;
	return PURLIN_OK;
}

static struct line *find_line(struct pci_session *session, uint32_t gsi)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		if (session->line[i].resource.slot && session->line[i].route.gsi == gsi)
			return &session->line[i];
	return NULL;
}

static struct line *free_line(struct pci_session *session)
{
	for (unsigned int i = 0; i < SESSION_LINES; i++)
		if (!session->line[i].resource.slot)
			return &session->line[i];
	return NULL;
}

/* The line's interrupt itself where nobody else has devices on it, else one in its place. */
static purlin_s64 take_line(struct pci_server *server, struct pci_session *session,
			    struct line *line, const struct route *route)
{
	purlin_s64 status;

	line->route = *route;
	if (shared_line_wanted(server, session, route->gsi))
		return shared_line_join(server, line);
	status = resource_claim_gsi(&line->resource, route);
	if (!status)
		resource_watch(&line->resource, RESOURCE_STORM);
	return status;
}

purlin_s64 pci_session_intx(struct pci_server *server, struct pci_session *session,
			    struct device *device, purlin_u64 *slot)
{
	struct line *line;
	purlin_s64 status;

	if (!device->routed)
		return PURLIN_NO_DEVICE;
	line = find_line(session, device->route.gsi);
	if (!line) {
		line = free_line(session);
		if (!line)
			return PURLIN_NO_MEMORY;
		status = take_line(server, session, line, &device->route);
		if (status)
			return status;
	}
	/* Only now: before its owner has the interrupt, nobody would ack it. */
	device->intx_given = true;
	device_update_command(device);
	*slot = line->resource.slot;
	return PURLIN_OK;
}

/* With the first mapping: before that there is nothing that a device could reach. */
static void allow_dma(struct pci_session *session)
{
	for (struct device *device = session->devices; device; device = device->next) {
		device->dma = true;
		device_update_command(device);
	}
}

/* Each is drained before it returns: its pages may be reused after that. */
static void stop_dma(struct pci_session *session)
{
	for (struct device *device = session->devices; device; device = device->next)
		device_stop_dma(device);
}

static struct dma_mapping *free_mapping(struct pci_session *session)
{
	for (unsigned int i = 0; i < SESSION_DMA_MAPPINGS; i++)
		if (!session->mapping[i].pin.id)
			return &session->mapping[i];
	return NULL;
}

/* All is pinned, part of it is mapped. */
static bool narrow(struct pin *pin, const struct dma_wish *wish)
{
	if (wish->pages == ~0ull)
		return wish->first == 0;
	if (wish->first >= pin->pages || wish->pages > pin->pages - wish->first || !wish->pages)
		return false;
	if (pin->physical != PIN_SCATTERED)
		pin->physical += wish->first * PURLIN_PAGE_SIZE;
	pin->pages = wish->pages;
	return true;
}

purlin_s64 pci_session_map(struct pci_session *session, purlin_u64 slot,
			   const struct dma_wish *wish, uint64_t *address)
{
	struct dma_domain *domain = &session->domain;
	struct dma_mapping *place = free_mapping(session);
	struct pin pin;
	purlin_s64 status = pin_take(&pin, slot);

	if (status)
		return status;
	/* Pinned before it is mapped: its pages must not be freed between the two. */
	status = place ? PURLIN_BAD_ARGUMENT : PURLIN_NO_MEMORY;
	if (place && narrow(&pin, wish))
		status = domain->type->map(domain, &pin, wish->address, address);
	if (status) {
		pin_release(&pin);
		return status;
	}
	*place = (struct dma_mapping){ pin, *address };
	allow_dma(session);
	return PURLIN_OK;
}

/* Bus mastering ends with the last mapping, before its pages may be reused. */
purlin_s64 pci_session_unmap(struct pci_session *session, uint64_t address)
{
	struct dma_mapping *found = NULL;
	unsigned int others = 0;

	for (unsigned int i = 0; i < SESSION_DMA_MAPPINGS; i++) {
		struct dma_mapping *mapping = &session->mapping[i];

		if (mapping->pin.id && mapping->address == address && !found)
			found = mapping;
		else
			others += mapping->pin.id != 0;
	}
	if (!found)
		return PURLIN_BAD_ARGUMENT;
	if (!others)
		stop_dma(session);
	release_pins(session, found, 1);
	return PURLIN_OK;
}
