/* SPDX-License-Identifier: MIT */
/* Requests of session/devices.h: look it up, reply. */
#include "devices_session.h"

#include <string.h>

#include "bar_requests.h"
#include "label.h"
#include "pci_faults.h"
#include "pci_move.h"
#include "runtime/rpc.h"
#include "session/pci.h"

static struct devices_viewer viewers[DEVICES_VIEWERS];

static struct devices_viewer *with_badge(purlin_u64 badge)
{
	for (unsigned int i = 0; i < DEVICES_VIEWERS; i++)
		if (viewers[i].badge == badge)
			return &viewers[i];
	return NULL;
}

/* 0 is what those have that are not in use. */
struct devices_viewer *devices_viewer(purlin_u64 badge)
{
	return badge ? with_badge(badge) : NULL;
}

purlin_s64 devices_open(const purlin_u64 *word, unsigned int words, struct devices_viewer **viewer)
{
	purlin_u64 names;

	*viewer = NULL;
	if (!words)
		return PURLIN_BAD_ARGUMENT;
	if (word[0] == DEVICES_ALL)
		return PURLIN_OK;
	names = word[0] & ~DEVICES_MAY_MOVE;
	if (names > DEVICES_NAMES || words != 1 + names * DEVICES_NAME_WORDS)
		return PURLIN_BAD_ARGUMENT;
	*viewer = with_badge(0);
	if (!*viewer)
		return PURLIN_NO_MEMORY;
	(*viewer)->may_move = (word[0] & DEVICES_MAY_MOVE) != 0;
	(*viewer)->count = (unsigned int)names;
	for (unsigned int i = 0; i < names; i++)
		memcpy((*viewer)->name[i], &word[1 + i * DEVICES_NAME_WORDS],
		       DEVICES_NAME_WORDS * sizeof(*word));
	return PURLIN_OK;
}

static bool sees(const struct devices_viewer *viewer, const char *label)
{
	for (unsigned int i = 0; viewer && i < viewer->count; i++)
		if (label_is_of(label, viewer->name[i]))
			return true;
	return !viewer;
}

static bool sees_owner(const struct devices_viewer *viewer, const struct pci_function *function)
{
	const struct pci_session *owner = function->owner;

	return owner ? sees(viewer, owner->label) : !viewer;
}

static bool is_reserved(const struct devices_viewer *viewer, const struct pci_function *function)
{
	return function->reserved_for[0] && sees(viewer, function->reserved_for);
}

/* Nobody has it, and nobody is to have it. */
static bool may_take(const struct devices_viewer *viewer, const struct pci_function *function)
{
	return viewer && viewer->may_move && !function->owner && !function->reserved_for[0] &&
	       policy_assignable(function);
}

static bool sees_refusal(const struct devices_viewer *viewer, const struct pci_function *function)
{
	return !viewer || (function->refused.client[0] && sees(viewer, function->refused.client));
}

static bool sees_function(const struct devices_viewer *viewer, const struct pci_function *function)
{
	return !function->absent &&
	       (sees_owner(viewer, function) || sees_refusal(viewer, function) ||
		is_reserved(viewer, function) || may_take(viewer, function));
}

/* Filled up with zeros: what was in the words before is nobody else's business. */
static void reply_text(struct request *request, unsigned int bytes, const char *text)
{
	char *to = (char *)&request->reply[request->reply_words];
	size_t length = strnlen(text, bytes - 1);

	memset(to, 0, bytes);
	memcpy(to, text, length);
	request->reply_words += bytes / 8;
}

/*
 * A reader takes many replies. If the number of changes is the same before and after, they belong
 * together.
 */
static purlin_s64 machine(const struct pci_server *server, const struct devices_viewer *viewer,
			  struct request *request)
{
	unsigned int sessions = 0, functions = 0;

	for (const struct pci_session *session = server->sessions; session; session = session->next)
		sessions += sees(viewer, session->label);
	request_reply_word(request, server->changes);
	for (unsigned int i = 0; i < server->tree.count; i++)
		functions += sees_function(viewer, &server->tree.function[i]);
	request_reply_word(request, functions);
	request_reply_word(request, sessions);
	reply_text(request, DEVICES_KIND_BYTES, server->dma->name);
	return PURLIN_OK;
}

static const struct pci_function *function_at(const struct pci_server *server,
					      const struct devices_viewer *viewer, purlin_u64 index)
{
	/*
	 * By index, not by bdf: a client that looks at all of them need not know where they are.
	 */
	for (unsigned int i = 0; i < server->tree.count; i++)
		if (sees_function(viewer, &server->tree.function[i]) && !index--)
			return &server->tree.function[i];
	return NULL;
}

/* The owner's side of a function: NULL while it is being taken or given back. */
static const struct device *device_of(const struct pci_function *function)
{
	const struct pci_session *session = function->owner;
	const struct device *device = session ? session->devices : NULL;

	while (device && device->function != function)
		device = device->next;
	return device;
}

static purlin_u64 flags_of(const struct devices_viewer *viewer, const struct pci_function *function)
{
	return (!policy_assignable(function) ? DEVICES_PLATFORM : 0u) |
	       (function->owner ? DEVICES_OWNED : 0u) |
	       (function->quarantined ? DEVICES_QUARANTINED : 0u) |
	       (is_reserved(viewer, function) ? DEVICES_RESERVED : 0u) |
	       (function->moving && function->owner ? DEVICES_MOVING : 0u);
}

static purlin_s64 tell_function(const struct pci_server *server,
				const struct devices_viewer *viewer, struct request *request)
{
	const struct pci_function *function = function_at(server, viewer, request->word[0]);
	const struct pci_session *owner;
	const struct device *device;
	bool refused;

	if (!function)
		return PURLIN_NO_DEVICE;
	owner = sees_owner(viewer, function) ? function->owner : NULL;
	device = owner ? device_of(function) : NULL;
	refused = sees_refusal(viewer, function);
	request_reply_word(request, function->bdf);
	request_reply_word(request, (purlin_u64)function->device << 16 | function->vendor);
	request_reply_word(request, function->class_revision);
	request_reply_word(request, flags_of(viewer, function));
	request_reply_word(request, function->resets);
	request_reply_word(request, server->tree.function[function->group].bdf);
	request_reply_word(request, device ? device->bdf : 0);
	request_reply_word(request, device ? device->faults : 0);
	reply_text(request, PARENT_LABEL_BYTES, owner ? owner->label : "");
	reply_text(request, PARENT_LABEL_BYTES, refused ? function->refused.client : "");
	reply_text(request, DEVICES_REASON_BYTES,
		   refused && function->refused.reason ? function->refused.reason : "");
	return PURLIN_OK;
}

static purlin_s64 tell_bar(const struct pci_server *server, const struct devices_viewer *viewer,
			   struct request *request)
{
	const struct pci_function *function = function_at(server, viewer, request->word[0]);
	const struct pci_bar *bar;

	if (!function || request->word[1] > PCI_ROM)
		return PURLIN_NO_DEVICE;
	bar = &function->bar[request->word[1]];
	request_reply_word(request, bar->address);
	request_reply_word(request, bar->size);
	request_reply_word(request, bar->size ? bar_kind(bar) : PCI_BAR_NONE);
	return PURLIN_OK;
}

/* Counts down to the interrupt that is asked for. */
struct search {
	purlin_u64 left;
	struct request *request;
};

static bool found(struct search *search, const struct device *device, purlin_u64 kind,
		  purlin_u64 number, const struct resource *resource)
{
	uint64_t delivered = 0, storms = 0;

	if (!resource->slot || search->left--)
		return false;
	resource_irq_counts(resource, &delivered, &storms);
	request_reply_word(search->request, device->function->bdf);
	request_reply_word(search->request, kind);
	request_reply_word(search->request, number);
	request_reply_word(search->request, delivered);
	request_reply_word(search->request, storms);
	return true;
}

static bool found_line(struct search *search, const struct pci_session *session,
		       const struct device *device)
{
	for (unsigned int i = 0; device->intx_given && i < SESSION_LINES; i++)
		if (session->line[i].resource.slot &&
		    session->line[i].route.gsi == device->route.gsi)
			return found(search, device, DEVICES_LINE, device->route.gsi,
				     &session->line[i].resource);
	return false;
}

static bool found_of(struct search *search, const struct pci_session *session,
		     const struct device *device)
{
	const struct device_msi *msi = &device->msi;

	if (found_line(search, session, device))
		return true;
	for (unsigned int i = 0; i < msi->messages; i++)
		if (found(search, device, PCI_MSI, i, &msi->msi[i].resource))
			return true;
	for (unsigned int i = 0; i < msi->entries; i++)
		if (found(search, device, PCI_MSIX, i, &msi->entry[i].resource))
			return true;
	return false;
}

static purlin_s64 tell_interrupt(const struct pci_server *server,
				 const struct devices_viewer *viewer, struct request *request)
{
	struct search search = { request->word[0], request };

	for (const struct pci_session *session = server->sessions; session; session = session->next)
		for (const struct device *device = session->devices; device; device = device->next)
			if (sees(viewer, session->label) && found_of(&search, session, device))
				return PURLIN_OK;
	return PURLIN_NO_DEVICE;
}

static void reply_domain(const struct pci_session *session, struct request *request)
{
	const struct session_fault *fault = &session->fault;
	purlin_u64 devices = 0, mappings = 0, pages = 0;

	for (const struct device *device = session->devices; device; device = device->next)
		devices++;
	for (unsigned int i = 0; i < SESSION_DMA_MAPPINGS; i++) {
		mappings += session->mapping[i].pin.id != 0;
		pages += session->mapping[i].pin.id ? session->mapping[i].pin.pages : 0;
	}
	reply_text(request, PARENT_LABEL_BYTES, session->label);
	request_reply_word(request, devices);
	request_reply_word(request, mappings);
	request_reply_word(request, pages);
	request_reply_word(request, fault->count);
	request_reply_word(request, fault->bdf);
	request_reply_word(request, fault->last.address);
	request_reply_word(request, pci_fault_reason(&fault->last));
}

static purlin_s64 tell_domain(const struct pci_server *server, const struct devices_viewer *viewer,
			      struct request *request)
{
	purlin_u64 left = request->word[0];

	for (const struct pci_session *session = server->sessions; session;
	     session = session->next) {
		if (!sees(viewer, session->label) || left--)
			continue;
		reply_domain(session, request);
		return PURLIN_OK;
	}
	return PURLIN_NO_DEVICE;
}

static struct pci_function *function_with(struct pci_server *server,
					  const struct devices_viewer *viewer, purlin_u64 bdf)
{
	for (unsigned int i = 0; i < server->tree.count; i++) {
		struct pci_function *function = &server->tree.function[i];

		if (function->bdf == bdf && sees_function(viewer, function))
			return function;
	}
	return NULL;
}

static bool is_others(const struct devices_viewer *viewer, const struct pci_function *function)
{
	return (function->owner && !sees_owner(viewer, function)) ||
	       (function->reserved_for[0] && !is_reserved(viewer, function));
}

static bool meets_others(const struct pci_server *server, const struct devices_viewer *viewer,
			 const struct pci_function *function)
{
	for (unsigned int i = 0; i < server->tree.count; i++)
		if (pci_move_together(server, function, &server->tree.function[i]) &&
		    is_others(viewer, &server->tree.function[i]))
			return true;
	return false;
}

static purlin_s64 move(struct pci_server *server, const struct devices_viewer *viewer,
		       const struct request *request)
{
	struct pci_function *function = function_with(server, viewer, request->word[0]);

	if (!viewer || !viewer->may_move)
		return PURLIN_NO_RIGHT;
	if (!function)
		return PURLIN_NO_DEVICE;
	if (request->word[1] >= viewer->count)
		return PURLIN_BAD_ARGUMENT;
	if (meets_others(server, viewer, function))
		return PURLIN_BUSY;
	return pci_move(server, function, viewer->name[request->word[1]]);
}

purlin_s64 devices_request(struct pci_server *server, const struct devices_viewer *viewer,
			   struct request *request)
{
	switch (request->operation) {
	case DEVICES_MACHINE:
		return machine(server, viewer, request);
	case DEVICES_FUNCTION:
		return tell_function(server, viewer, request);
	case DEVICES_BAR:
		return tell_bar(server, viewer, request);
	case DEVICES_INTERRUPT:
		return tell_interrupt(server, viewer, request);
	case DEVICES_DOMAIN:
		return tell_domain(server, viewer, request);
	case DEVICES_MOVE:
		return move(server, viewer, request);
	default:
		return PURLIN_BAD_CALL;
	}
}
