/* SPDX-License-Identifier: MIT */
/* Requests of session/pci.h: check, act, reply. */
#include "pci_requests.h"

#include "bar_requests.h"
#include "device_msix.h"
#include "pci_faults.h"
#include "pci_life.h"
#include "pci_registers.h"
#include "session/pci.h"
#include "storms.h"

static purlin_u64 state_of(const struct pci_function *function)
{
	if (function->gone || (function->moving && !function->give_back_by))
		return PCI_DEVICE_GONE;
	return function->leaving || function->moving ? PCI_DEVICE_LEAVING : PCI_DEVICE_THERE;
}

/* By number in the session: a client learns nothing of functions that are not its own. */
static purlin_s64 list_device(struct pci_session *session, struct request *request)
{
	struct device *device = session->devices;
	const struct pci_function *function;

	for (purlin_u64 i = request->word[0]; device && i; i--)
		device = device->next;
	if (!device)
		return PURLIN_NO_DEVICE;
	function = device->function;
	request_reply_word(request, device->bdf);
	request_reply_word(request, (purlin_u64)function->device << 16 | function->vendor);
	request_reply_word(request, function->class_revision);
	request_reply_word(request, state_of(function));
	return PURLIN_OK;
}

static bool config_place_valid(const struct request *request)
{
	purlin_u64 offset = request->word[1], size = request->word[2];

	/* Aligned, so that no access spans two registers, which the filter looks up one by one. */
	return (size == 1 || size == 2 || size == 4) && offset % size == 0 && offset < 4096;
}

static purlin_s64 read_config(struct pci_session *session, struct request *request)
{
	struct device *device = pci_session_device(session, request->word[0]);
	unsigned int size = (unsigned int)request->word[2];

	if (!config_place_valid(request))
		return PURLIN_BAD_ARGUMENT;
	if (device)
		request_reply_word(
			request, device_config_read(device, (unsigned int)request->word[1], size));
	else
		/* As a bus answers for a device that is not there: so a client's scan works. */
		request_reply_word(request, size == 4 ? 0xffffffffu : (1u << (size * 8)) - 1);
	return PURLIN_OK;
}

static purlin_s64 write_config(struct pci_session *session, struct request *request)
{
	struct device *device = pci_session_device(session, request->word[0]);

	if (!config_place_valid(request))
		return PURLIN_BAD_ARGUMENT;
	if (device)
		device_config_write(device, (unsigned int)request->word[1],
				    (unsigned int)request->word[2], (uint32_t)request->word[3]);
	return PURLIN_OK;
}

/* To bind, ack and mask it. Not WRITE: who has that can raise it, and take the watch away. */
#define INTERRUPT_RIGHTS (PURLIN_RIGHT_READ | PURLIN_RIGHT_CONTROL)

/*
 * The original stays here. When it is destroyed, all copies end, wherever the client has passed
 * them.
 */
static purlin_s64 owners_copy(purlin_u64 slot, purlin_u64 *copy)
{
	return resource_copy(&(struct resource){ .slot = slot }, INTERRUPT_RIGHTS, copy);
}

static purlin_s64 intx(struct pci_server *server, struct pci_session *session,
		       struct device *device, struct request *request)
{
	purlin_u64 slot, copy;
	purlin_s64 status = pci_session_intx(server, session, device, &slot);

	if (!status)
		status = owners_copy(slot, &copy);
	if (status)
		return status;
	request_reply_word(request,
			   (device->route.level ? PURLIN_IRQ_LEVEL : 0u) |
				   (device->route.active_low ? PURLIN_IRQ_ACTIVE_LOW : 0u));
	request_reply_word(request, device->route.gsi);
	request_reply_cap(request, copy, true);
	return PURLIN_OK;
}

static purlin_s64 free_message(struct pci_session *session, struct device *device,
			       struct request *request)
{
	purlin_u64 kind = request->word[1], index = request->word[2];
	purlin_s64 status;

	if (kind > PCI_MSIX || index > MSIX_SIZE)
		return PURLIN_BAD_ARGUMENT;
	status = device_msi_free(&device->msi, (unsigned int)kind, (unsigned int)index);
	if (!status)
		session->messages--;
	return status;
}

/*
 * Processors have few vectors: one session must not take them all. Each may count on some; of the
 * rest, a part is for who asks first. Counted by session, not by device: a session may have many
 * devices.
 */
static bool may_have_message(const struct pci_server *server, const struct pci_session *session)
{
	unsigned int more = 0;

	if (session->messages < PCI_MSI_MOST)
		return true;
	for (const struct pci_session *other = server->sessions; other; other = other->next)
		more += other->messages > PCI_MSI_MOST ? other->messages - PCI_MSI_MOST : 0;
	return more < PCI_MSI_SPARE * resource_processors();
}

static purlin_s64 allocate_message(const struct pci_server *server, struct pci_session *session,
				   struct device *device, struct request *request)
{
	purlin_u64 kind = request->word[1], index = request->word[2], slot, copy;
	purlin_s64 status;

	if (kind > PCI_MSIX || index > MSIX_SIZE)
		return PURLIN_BAD_ARGUMENT;
	if (!may_have_message(server, session))
		return PURLIN_NO_MEMORY;
	if (kind == PCI_MSIX &&
	    (bar_check_table(server, session, device) || !device_msix_open(&device->msi)))
		return PURLIN_NO_DEVICE;
	status = device_msi_allocate(&device->msi, (unsigned int)kind, (unsigned int)index, &slot);
	if (status)
		return status;
	/* The client gets less than all rights: the platform keeps the right to destroy. */
	status = owners_copy(slot, &copy);
	if (status) {
		(void)device_msi_free(&device->msi, (unsigned int)kind, (unsigned int)index);
		return status;
	}
	session->messages++;
	request_reply_cap(request, copy, true);
	return PURLIN_OK;
}

static purlin_s64 dma_map(struct pci_session *session, struct request *request)
{
	struct dma_wish wish = { PCI_DMA_ANYWHERE, 0, ~0ull };
	purlin_u64 slot = request->cap[0];
	uint64_t address;
	purlin_s64 status;

	if (request->caps < 1 || !slot)
		return PURLIN_BAD_ARGUMENT;
	request->cap[0] = 0; /* taken over */
	if (request->words > 0)
		wish.address = request->word[0];
	if (request->words > 1) {
		wish.first = request->word[1];
		wish.pages = request->word[2];
	}
	status = pci_session_map(session, slot, &wish, &address);
	if (status)
		return status;
	request_reply_word(request, address);
	return PURLIN_OK;
}

_Static_assert(1 + 3 * PCI_WINDOWS_MOST <= PURLIN_MESSAGE_WORDS, "the windows of a reply");

static bool serves_session(const struct acpi_window *window, const struct pci_session *session)
{
	for (const struct device *device = session->devices; device; device = device->next)
		for (unsigned int i = 0; i <= PCI_ROM; i++)
			if (bar_in_window(&device->function->bar[i], window))
				return true;
	return false;
}

static void put_window(struct request *request, const struct acpi_window *window)
{
	if (request->reply[0] == PCI_WINDOWS_MOST)
		return;
	request->reply[0]++;
	request_reply_word(request, window->base);
	request_reply_word(request, window->size);
	request_reply_word(request, window->ports ? PCI_BAR_PORTS :
						    PCI_BAR_MEMORY | (window->prefetchable ?
									      PCI_BAR_PREFETCHABLE :
									      0u));
}

/* A machine with many root bridges has more than a reply can hold. */
static purlin_s64 windows(const struct pci_server *server, const struct pci_session *session,
			  struct request *request)
{
	const struct acpi_description *acpi = &server->acpi;

	request_reply_word(request, 0);
	for (unsigned int i = 0; i < acpi->windows; i++)
		if (acpi->windows <= PCI_WINDOWS_MOST || serves_session(&acpi->window[i], session))
			put_window(request, &acpi->window[i]);
	for (unsigned int i = 0; acpi->windows > PCI_WINDOWS_MOST && i < acpi->windows; i++)
		if (!serves_session(&acpi->window[i], session))
			put_window(request, &acpi->window[i]);
	return PURLIN_OK;
}

/* Those whose first word is a bdf; configuration space apart, which is there for any. */
static bool names_device(purlin_u32 operation)
{
	return operation == PCI_BAR || operation == PCI_BAR_PIECE || operation == PCI_INTX ||
	       operation == PCI_MSI_ALLOC || operation == PCI_MSI_FREE ||
	       operation == PCI_STORM_RESUME || operation == PCI_RESET;
}

static purlin_s64 device_request(struct pci_server *server, struct pci_session *session,
				 struct request *request)
{
	struct device *device = pci_session_device(session, request->word[0]);

	/* Only the session's own: a bdf of the machine means nothing here. */
	if (!device)
		return names_device(request->operation) ? PURLIN_NO_DEVICE : PURLIN_BAD_CALL;
	switch (request->operation) {
	case PCI_BAR:
		return bar_describe(server, session, device, request);
	case PCI_BAR_PIECE:
		return bar_piece(server, session, device, request);
	case PCI_INTX:
		return intx(server, session, device, request);
	case PCI_MSI_ALLOC:
		return allocate_message(server, session, device, request);
	case PCI_MSI_FREE:
		return free_message(session, device, request);
	case PCI_STORM_RESUME:
		return storms_resume(session, device, request);
	case PCI_RESET:
		return device_reset(device) ? PURLIN_OK : PURLIN_NO_DEVICE;
	default:
		return PURLIN_BAD_CALL;
	}
}

/* Clients look at configuration space often, and nobody else's view changes by that. */
static bool changes_nothing(purlin_u32 operation)
{
	return operation == PCI_DEVICE || operation == PCI_CONFIG_READ ||
	       operation == PCI_CONFIG_WRITE;
}

static purlin_s64 session_request(struct pci_server *server, struct pci_session *session,
				  struct request *request)
{
	switch (request->operation) {
	case PCI_DEVICE:
		return list_device(session, request);
	case PCI_CONFIG_READ:
		return read_config(session, request);
	case PCI_CONFIG_WRITE:
		return write_config(session, request);
	case PCI_DMA_MAP:
		return dma_map(session, request);
	case PCI_DMA_UNMAP:
		return pci_session_unmap(session, request->word[0]);
	case PCI_FAULTS:
		return pci_faults_tell(session, request);
	case PCI_STORMS:
		return storms_tell(session, request);
	case PCI_WINDOWS:
		return windows(server, session, request);
	case PCI_CHANGES:
		return pci_life_changes(session, request);
	case PCI_CLAIM:
		return pci_life_claim(server, session, request);
	case PCI_RELEASE:
		return pci_life_release(server, session, request->word[0]);
	default:
		return device_request(server, session, request);
	}
}

/*
 * Counted before and after, since a request may pause in between, when others look: a reader must
 * not take what it has seen for what there is at the end.
 */
purlin_s64 pci_request(struct pci_server *server, struct pci_session *session,
		       struct request *request)
{
	unsigned int changes = !changes_nothing(request->operation);
	purlin_s64 status;

	server->changes += changes;
	status = session_request(server, session, request);
	server->changes += changes;
	return status;
}
