/* SPDX-License-Identifier: MIT */
/* Requests of session/pci.h: check, act, reply. */
#include "pci_requests.h"

#include "device_msi.h"
#include "pci_registers.h"
#include "session/pci.h"

#define PAGE PURLIN_PAGE_SIZE

static void reply(struct request *request, purlin_u64 word)
{
	request->reply[request->reply_words++] = word;
}

static purlin_s64 list_device(struct pci_session *session, struct request *request)
{
	struct device *device = session->devices;
	const struct pci_function *function;

	for (purlin_u64 i = request->word[0]; device && i; i--)
		device = device->next;
	if (!device)
		return PURLIN_NO_DEVICE;
	function = device->function;
	reply(request, device->bdf);
	reply(request, (purlin_u64)function->device << 16 | function->vendor);
	reply(request, function->class_revision);
	return PURLIN_OK;
}

static bool config_place_valid(const struct request *request)
{
	purlin_u64 offset = request->word[1], size = request->word[2];

	return (size == 1 || size == 2 || size == 4) && offset % size == 0 && offset < 4096;
}

static purlin_s64 read_config(struct pci_session *session, struct request *request)
{
	struct device *device = pci_session_device(session, request->word[0]);
	unsigned int size = (unsigned int)request->word[2];

	if (!config_place_valid(request))
		return PURLIN_BAD_ARGUMENT;
	if (device)
		reply(request, device_config_read(device, (unsigned int)request->word[1], size));
	else
		reply(request, size == 4 ? 0xffffffffu : (1u << (size * 8)) - 1);
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

static purlin_u64 bar_kind(const struct pci_bar *bar)
{
	purlin_u64 kind = PCI_BAR_MEMORY;

	if (!bar->size)
		return PCI_BAR_NONE;
	if (bar->flags & BAR_IO)
		return PCI_BAR_PORTS;
	if (bar->flags & BAR_PREFETCHABLE)
		kind |= PCI_BAR_PREFETCHABLE;
	if ((bar->flags & BAR_TYPE_MASK) == BAR_TYPE_64)
		kind |= PCI_BAR_64BIT;
	return kind;
}

/* A BAR firmware left without an address cannot be used. */
static bool bar_unset(const struct pci_bar *bar)
{
	return bar->size && !bar->address;
}

static purlin_s64 describe_bar(struct device *device, struct request *request)
{
	static const struct pci_bar none;
	purlin_u64 index = request->word[1];
	const struct pci_bar *bar = index < PCI_BARS ? &device->function->bar[index] : &none;
	uint64_t first = ~0ull, count = 0;
	purlin_s64 status;

	if (index > PCI_BARS)
		return PURLIN_BAD_ARGUMENT;
	if (bar_unset(bar)) {
		device_log(device, "firmware gave a BAR no address");
		return PURLIN_NO_DEVICE;
	}
	if (bar->size && bar->flags & BAR_IO) {
		struct claim *claim = &device->piece[index][0];

		status = claim->slot ? PURLIN_OK : claim_ports(claim, bar->address, bar->size);
		if (status)
			return status;
		request_reply_cap(request, claim->slot, false);
	} else if (bar->size) {
		(void)device_msix_pages(device, (unsigned int)index, &first, &count);
	}
	reply(request, bar_kind(bar));
	reply(request, bar->address);
	reply(request, bar->size);
	reply(request, first);
	reply(request, count);
	return PURLIN_OK;
}

static bool pages_meet(const struct pci_bar *bar, uint64_t first, uint64_t last)
{
	return bar->size && !(bar->flags & BAR_IO) && bar->address / PAGE <= last &&
	       (bar->address + bar->size - 1) / PAGE >= first;
}

/* Do functions of others have registers in the pages of this BAR? */
static bool shares_page(const struct pci_server *server, const struct pci_session *session,
			const struct pci_bar *bar)
{
	uint64_t first = bar->address / PAGE, last = (bar->address + bar->size - 1) / PAGE;

	for (unsigned int i = 0; i < server->tree.count; i++) {
		const struct pci_function *other = &server->tree.function[i];

		for (unsigned int n = 0; n < PCI_BARS && other->owner != session; n++)
			if (pages_meet(&other->bar[n], first, last))
				return true;
	}
	return false;
}

struct extent {
	uint64_t first;
	uint64_t pages;
	unsigned int place; /* in device->piece */
};

#define PLACE_REPLACED 1

/* Piece number `number` of the BAR; pages 0: no such piece. */
static struct extent extent_of(const struct device *device, unsigned int index, purlin_u64 number)
{
	const struct pci_bar *bar = &device->function->bar[index];
	uint64_t pages = (bar->address % PAGE + bar->size + PAGE - 1) / PAGE;
	uint64_t first = pages, count = 0;
	struct extent all[DEVICE_PIECES];
	struct extent none = { 0 };

	(void)device_msix_pages(device, index, &first, &count);
	all[0] = (struct extent){ 0, first, 0 };
	all[1] = (struct extent){ first, count, PLACE_REPLACED };
	all[2] = (struct extent){ first + count, pages - first - count, 2 };
	for (unsigned int i = 0; i < DEVICE_PIECES; i++)
		if (all[i].pages && number-- == 0)
			return all[i];
	return none;
}

/* A client of I/O memory maps it; it neither learns more nor hands it to devices. */
#define PIECE_RIGHTS (PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE)

static purlin_s64 pass_piece(struct pci_server *server, struct pci_session *session,
			     struct device *device, struct request *request)
{
	unsigned int index = (unsigned int)request->word[1];
	const struct pci_bar *bar = &device->function->bar[index];
	struct extent extent = extent_of(device, index, request->word[2]);
	struct claim *claim = &device->piece[index][extent.place];
	purlin_u64 slot;
	uint64_t address;
	purlin_s64 status = PURLIN_OK;

	if (!extent.pages)
		return PURLIN_NO_DEVICE;
	if (shares_page(server, session, bar)) {
		device_log(device, "a BAR shares its page with another device");
		return PURLIN_NO_RIGHT;
	}
	address = bar->address / PAGE * PAGE + extent.first * PAGE;
	if (!claim->slot)
		status = extent.place == PLACE_REPLACED ?
				 claim_ram(claim, extent.pages) :
				 claim_memory(claim, address, extent.pages);
	if (!status)
		status = claim_copy(claim, PIECE_RIGHTS, &slot);
	if (status)
		return status;
	reply(request, extent.first);
	reply(request, extent.pages);
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

static purlin_s64 bar_piece(struct pci_server *server, struct pci_session *session,
			    struct device *device, struct request *request)
{
	const struct pci_bar *bar;

	if (request->word[1] >= PCI_BARS)
		return PURLIN_BAD_ARGUMENT;
	bar = &device->function->bar[request->word[1]];
	if (!bar->size || bar->flags & BAR_IO || bar_unset(bar) ||
	    request->word[2] >= DEVICE_PIECES)
		return PURLIN_NO_DEVICE;
	return pass_piece(server, session, device, request);
}

static purlin_s64 intx(struct pci_server *server, struct pci_session *session,
		       struct device *device, struct request *request)
{
	purlin_u64 slot;
	purlin_s64 status = pci_session_intx(server, session, device, &slot);

	if (status)
		return status;
	reply(request, (device->route.level ? PURLIN_IRQ_LEVEL : 0u) |
			       (device->route.active_low ? PURLIN_IRQ_ACTIVE_LOW : 0u));
	reply(request, device->route.gsi);
	request_reply_cap(request, slot, false);
	return PURLIN_OK;
}

static purlin_s64 message_interrupt(struct device *device, struct request *request)
{
	purlin_u64 kind = request->word[1], index = request->word[2], slot;
	purlin_s64 status;

	if (kind > PCI_MSIX || index > MSIX_SIZE)
		return PURLIN_BAD_ARGUMENT;
	if (request->operation == PCI_MSI_FREE)
		return device_msi_free(device, (unsigned int)kind, (unsigned int)index);
	status = device_msi_allocate(device, (unsigned int)kind, (unsigned int)index, &slot);
	if (!status)
		request_reply_cap(request, slot, false);
	return status;
}

static purlin_s64 attach(struct pci_session *session, struct request *request)
{
	uint64_t address;
	purlin_s64 status;

	if (request->caps < 1 || !request->cap[0])
		return PURLIN_BAD_ARGUMENT;
	status = pci_session_attach(session, request->cap[0], &address);
	if (status)
		return status;
	request->cap[0] = 0; /* kept */
	reply(request, address);
	return PURLIN_OK;
}

static purlin_s64 windows(const struct pci_server *server, struct request *request)
{
	unsigned int count = server->acpi.windows, most = (PURLIN_MESSAGE_WORDS - 1) / 3;

	if (count > most)
		count = most;
	reply(request, count);
	for (unsigned int i = 0; i < count; i++) {
		const struct acpi_window *window = &server->acpi.window[i];

		reply(request, window->base);
		reply(request, window->size);
		reply(request,
		      window->ports ?
			      PCI_BAR_PORTS :
			      PCI_BAR_MEMORY | (window->prefetchable ? PCI_BAR_PREFETCHABLE : 0u));
	}
	return PURLIN_OK;
}

static purlin_s64 device_request(struct pci_server *server, struct pci_session *session,
				 struct request *request)
{
	struct device *device = pci_session_device(session, request->word[0]);

	if (!device)
		return PURLIN_NO_DEVICE;
	switch (request->operation) {
	case PCI_BAR:
		return describe_bar(device, request);
	case PCI_BAR_PIECE:
		return bar_piece(server, session, device, request);
	case PCI_INTX:
		return intx(server, session, device, request);
	case PCI_MSI_ALLOC:
	case PCI_MSI_FREE:
		return message_interrupt(device, request);
	case PCI_RESET:
		return device_reset(device) ? PURLIN_OK : PURLIN_NO_DEVICE;
	default:
		return PURLIN_BAD_CALL;
	}
}

purlin_s64 pci_request(struct pci_server *server, struct pci_session *session,
		       struct request *request)
{
	switch (request->operation) {
	case PCI_DEVICE:
		return list_device(session, request);
	case PCI_CONFIG_READ:
		return read_config(session, request);
	case PCI_CONFIG_WRITE:
		return write_config(session, request);
	case PCI_DMA_ATTACH:
		return attach(session, request);
	case PCI_DMA_DETACH:
		return pci_session_detach(session, request->word[0]);
	case PCI_WINDOWS:
		return windows(server, request);
	default:
		return device_request(server, session, request);
	}
}
