/* SPDX-License-Identifier: MIT */
/*
 * BARs for clients. Addresses are what firmware and the device say, which may be anything: they
 * have to lie where the root bridge decodes, and apart from what others have.
 */
#include "bar_requests.h"

#include "device_msix.h"
#include "hardware.h"
#include "pci_bars.h"
#include "pci_registers.h"
#include "session/pci.h"

#define PAGE PURLIN_PAGE_SIZE

purlin_u64 bar_kind(const struct pci_bar *bar)
{
	purlin_u64 kind = PCI_BAR_MEMORY;

	if (bar->flags & BAR_IO)
		return PCI_BAR_PORTS;
	if (bar->flags & BAR_PREFETCHABLE)
		kind |= PCI_BAR_PREFETCHABLE;
	if ((bar->flags & BAR_TYPE_MASK) == BAR_TYPE_64)
		kind |= PCI_BAR_64BIT;
	return kind;
}

/* Registers, or pages: first and last number. */
struct reach {
	uint64_t first;
	uint64_t last;
};

/* In pages, since that is what a mapping opens: a BAR of 16 bytes takes the whole page with it. */
static struct reach reach_of(const struct pci_bar *bar)
{
	uint64_t unit = bar->flags & BAR_IO ? 1 : PAGE;

	return (struct reach){ bar->address / unit, (bar->address + bar->size - 1) / unit };
}

static bool meet(struct reach a, struct reach b)
{
	return a.first <= b.last && b.first <= a.last;
}

/*
 * Do functions of others have ports here, or registers in the pages of this BAR? A ROM must not
 * meet other ROMs either; BARs need not look at ROMs, which are switched on only where they meet no
 * BAR.
 */
static bool shared(const struct pci_server *server, const struct pci_session *session,
		   const struct pci_bar *bar, unsigned int bars)
{
	for (unsigned int i = 0; i < server->tree.count; i++) {
		const struct pci_function *other = &server->tree.function[i];

		for (unsigned int n = 0; n < bars && other->owner != session; n++)
			if (other->bar[n].size && !((other->bar[n].flags ^ bar->flags) & BAR_IO) &&
			    meet(reach_of(&other->bar[n]), reach_of(bar)))
				return true;
	}
	return false;
}

bool bar_in_window(const struct pci_bar *bar, const struct acpi_window *window)
{
	return bar->size && window->ports == ((bar->flags & BAR_IO) != 0) &&
	       bar->address >= window->base && bar->size <= window->size &&
	       bar->address - window->base <= window->size - bar->size;
}

/* If firmware names no window of a kind, every address of that kind counts as one. */
static bool in_window(const struct acpi_description *acpi, const struct pci_bar *bar)
{
	bool ports = bar->flags & BAR_IO, told = false;

	/* Outside of them an address is RAM, or another device's: claiming it would open that. */
	for (unsigned int i = 0; i < acpi->windows; i++) {
		told |= acpi->window[i].ports == ports;
		if (bar_in_window(bar, &acpi->window[i]))
			return true;
	}
	return !told;
}

static purlin_s64 refuse(const struct pci_session *session, struct device *device,
			 purlin_s64 status, const char *reason)
{
	device_log(device, reason);
	pci_function_refuse(device->function, session->label, reason);
	return status;
}

/* Asked with every request, not once: others' devices come and go. */
static purlin_s64 check_bar(const struct pci_server *server, const struct pci_session *session,
			    struct device *device, unsigned int index)
{
	const struct pci_bar *bar = &device->function->bar[index];

	if (!pci_bar_usable(device->function, index))
		return refuse(session, device, PURLIN_NO_DEVICE, "firmware gave a BAR no address");
	if (!in_window(&server->acpi, bar))
		return refuse(session, device, PURLIN_NO_RIGHT,
			      "a BAR lies outside of the root bridge's windows");
	if (shared(server, session, bar, index == PCI_ROM ? PCI_ROM + 1 : PCI_BARS))
		return refuse(session, device, PURLIN_NO_RIGHT,
			      bar->flags & BAR_IO ? "ports of a BAR are another device's, too" :
						    "a BAR shares its page with another device");
	return PURLIN_OK;
}

/* Ports can be handed out one by one: no page, and nothing of others, comes with them. */
static purlin_s64 pass_ports(struct device *device, unsigned int index, struct request *request)
{
	const struct pci_bar *bar = &device->function->bar[index];
	struct resource *resource = &device->piece[index][0];
	purlin_s64 status = PURLIN_OK;

	if (!resource->slot)
		status = resource_claim_ports(resource, bar->address, bar->size);
	if (!status)
		request_reply_cap(request, resource->slot, false);
	return status;
}

static purlin_s64 describe(const struct pci_server *server, const struct pci_session *session,
			   struct device *device, struct request *request)
{
	unsigned int index = (unsigned int)request->word[1];
	const struct pci_bar *bar = &device->function->bar[index];
	uint64_t first = ~0ull, count = 0;
	purlin_s64 status = check_bar(server, session, device, index);

	if (!status && bar->flags & BAR_IO)
		status = pass_ports(device, index, request);
	if (status)
		return status;
	(void)device_msix_pages(&device->msi, index, &first, &count);
	request_reply_word(request, bar_kind(bar));
	request_reply_word(request, bar->address);
	request_reply_word(request, bar->size);
	request_reply_word(request, first);
	request_reply_word(request, count);
	return PURLIN_OK;
}

purlin_s64 bar_describe(const struct pci_server *server, const struct pci_session *session,
			struct device *device, struct request *request)
{
	purlin_u64 index = request->word[1];

	if (index > PCI_ROM)
		return PURLIN_BAD_ARGUMENT;
	if (device->function->bar[index].size)
		return describe(server, session, device, request);
	request_reply_word(request, PCI_BAR_NONE);
	request_reply_word(request, 0);
	request_reply_word(request, 0);
	request_reply_word(request, ~0ull);
	request_reply_word(request, 0);
	return PURLIN_OK;
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

	/*
	 * Before the MSI-X table, in its place, behind it. In its place the client gets plain
	 * memory, so that a driver that writes the table by itself, as Linux's does, harms nobody.
	 */
	(void)device_msix_pages(&device->msi, index, &first, &count);
	all[0] = (struct extent){ 0, first, 0 };
	all[1] = (struct extent){ first, count, PLACE_REPLACED };
	all[2] = (struct extent){ first + count, pages - first - count, 2 };
	for (unsigned int i = 0; i < DEVICE_PIECES; i++)
		if (all[i].pages && number-- == 0)
			return all[i];
	return none;
}

static struct reach table_reach(const struct device *device)
{
	uint64_t first = 0, count = 0;

	(void)device_msix_pages(&device->msi, device->msi.bar, &first, &count);
	first += device->function->bar[device->msi.bar].address / PAGE;
	return (struct reach){ first, first + count - 1 };
}

/* BARs that lie over each other, or a small one beside a table, must not open a way to it. */
static bool meets_table(const struct pci_session *session, struct reach piece)
{
	for (const struct device *device = session->devices; device; device = device->next)
		if (device->msi.entries && !device->msi.open && meet(table_reach(device), piece))
			return true;
	return false;
}

/*
 * Kept by the device once claimed: the same piece may be asked for again, and all of it ends with
 * the session.
 */
static purlin_s64 claim_piece(const struct pci_session *session, struct device *device,
			      unsigned int index, const struct extent *extent,
			      struct resource *resource)
{
	uint64_t first = device->function->bar[index].address / PAGE + extent->first;
	struct reach reach = { first, first + extent->pages - 1 };
	purlin_s64 status;

	if (resource->slot)
		return PURLIN_OK;
	if (extent->place == PLACE_REPLACED)
		return resource_new_ram(resource, extent->pages);
	if (meets_table(session, reach))
		return refuse(session, device, PURLIN_NO_RIGHT, "a BAR lies over an MSI-X table");
	status = resource_claim_memory(resource, first * PAGE, extent->pages);
	return status ? refuse(session, device, status, "core refuses the addresses of a BAR") :
			PURLIN_OK;
}

/* A client of I/O memory maps it; it neither learns more nor hands it to devices. */
#define PIECE_RIGHTS (PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE)

static purlin_s64 pass_piece(const struct pci_session *session, struct device *device,
			     struct request *request)
{
	unsigned int index = (unsigned int)request->word[1];
	struct extent extent = extent_of(device, index, request->word[2]);
	struct resource *resource = &device->piece[index][extent.place];
	purlin_u64 slot;
	purlin_s64 status;

	if (!extent.pages)
		return PURLIN_NO_DEVICE;
	status = claim_piece(session, device, index, &extent, resource);
	if (!status)
		status = resource_copy(resource, PIECE_RIGHTS, &slot);
	if (status)
		return status;
	/* Its pages are found to be nobody else's now, so the ROM may be decoded. */
	if (index == PCI_ROM)
		device_update_command(device);
	request_reply_word(request, extent.first);
	request_reply_word(request, extent.pages);
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

purlin_s64 bar_piece(const struct pci_server *server, const struct pci_session *session,
		     struct device *device, struct request *request)
{
	const struct pci_bar *bar;
	purlin_s64 status;

	if (request->word[1] > PCI_ROM)
		return PURLIN_BAD_ARGUMENT;
	bar = &device->function->bar[request->word[1]];
	if (!bar->size || bar->flags & BAR_IO || request->word[2] >= DEVICE_PIECES)
		return PURLIN_NO_DEVICE;
	status = check_bar(server, session, device, (unsigned int)request->word[1]);
	return status ? status : pass_piece(session, device, request);
}

purlin_s64 bar_check_table(const struct pci_server *server, const struct pci_session *session,
			   struct device *device)
{
	return device->msi.open ? check_bar(server, session, device, device->msi.bar) : PURLIN_OK;
}
