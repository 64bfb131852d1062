/* SPDX-License-Identifier: MIT */
/* Windows of bridges and of the root, and the first room in them. */
#include "bar_room.h"

#include "hardware.h"
#include "pci_config.h"
#include "pci_registers.h"
#include "purlin/boot.h"

#define PAGE PURLIN_PAGE_SIZE
#define MEGABYTE 0x100000ull
#define BELOW_4G 0xffffffffull

/* PCI-to-PCI Bridge 1.2, 3.2.5: addresses in units of 4096 ports and of 1 MiB. */
static struct bar_window ports_of(const struct pci_function *bridge)
{
	uint32_t low = pci_config_read(bridge->bdf, CFG_BRIDGE_PORTS, 2);

	return (struct bar_window){ (low & 0xf0) << 8, (low & 0xf000) | 0xfff, .ports = true };
}

static struct bar_window memory_of(const struct pci_function *bridge)
{
	uint32_t low = pci_config_read(bridge->bdf, CFG_BRIDGE_MEMORY, 4);

	return (struct bar_window){ (uint64_t)(low & 0xfff0) << 16,
				    (uint64_t)(low & 0xfff00000) | (MEGABYTE - 1), .ports = false };
}

static struct bar_window prefetch_of(const struct pci_function *bridge)
{
	uint32_t low = pci_config_read(bridge->bdf, CFG_BRIDGE_PREFETCH, 4);
	uint64_t base = 0, limit = 0;

	if ((low & 0xf) == 1) {
		base = pci_config_read(bridge->bdf, CFG_BRIDGE_PREFETCH_HIGH, 4);
		limit = pci_config_read(bridge->bdf, CFG_BRIDGE_PREFETCH_HIGH + 4, 4);
	}
	return (struct bar_window){ base << 32 | (uint64_t)(low & 0xfff0) << 16,
				    limit << 32 | (uint64_t)(low & 0xfff00000) | (MEGABYTE - 1),
				    .prefetchable = true };
}

void bar_windows_of(const struct pci_function *bridge, struct bar_window *window)
{
	window[PCI_WINDOW_PORTS] = ports_of(bridge);
	window[PCI_WINDOW_MEMORY] = memory_of(bridge);
	window[PCI_WINDOW_PREFETCH] = prefetch_of(bridge);
}

/* Memory in whole pages, since that is what an owner maps. */
uint64_t bar_unit(const struct pci_bar *bar)
{
	return bar->flags & BAR_IO || bar->size > PAGE ? bar->size : PAGE;
}

struct search {
	bool ports;
	uint64_t first, last;
	uint64_t end; /* of what lies there; 0: nothing does */
};

static void meet(struct search *search, uint64_t first, uint64_t last)
{
	if (first <= search->last && search->first <= last && last >= search->end)
		search->end = last + 1;
}

static void meet_bars(struct search *search, const struct pci_function *function)
{
	for (unsigned int i = 0; i <= PCI_ROM; i++) {
		const struct pci_bar *bar = &function->bar[i];
		uint64_t first = bar->address, last = first + bar->size - 1;

		if (!bar->size || !first || (bar->flags & BAR_IO) != (search->ports ? BAR_IO : 0))
			continue;
		if (!search->ports) {
			first -= first % PAGE;
			last |= PAGE - 1;
		}
		meet(search, first, last);
	}
}

/* What a sibling passes on is not ours; what is above us is. */
static void meet_windows(struct search *search, const struct pci_function *bridge)
{
	struct bar_window window[PCI_BRIDGE_WINDOWS];

	bar_windows_of(bridge, window);
	for (unsigned int i = 0; i < PCI_BRIDGE_WINDOWS; i++)
		if (window[i].ports == search->ports && window[i].first <= window[i].last)
			meet(search, window[i].first, window[i].last);
}

static void meet_board(struct search *search, const struct acpi_description *acpi)
{
	for (unsigned int i = 0; i < acpi->taken; i++)
		if (acpi->take[i].ports == search->ports)
			meet(search, acpi->take[i].first, acpi->take[i].last);
}

/*
 * RAM, and what firmware reserved without a word in ACPI. Some firmware reserves whole windows,
 * which are then as good as they are: else nothing could come into a slot there.
 */
static void meet_memory(struct search *search, const struct bar_window *window)
{
	const struct purlin_memory_range *range;
	unsigned int count = window->ports ? 0 : hardware_memory(&range);

	for (; count; count--, range++) {
		uint64_t last = range->base + (range->size - 1);

		if (range->kind == PURLIN_MEMORY_USABLE || range->base > window->first ||
		    last < window->last)
			meet(search, range->base, last);
	}
}

static uint64_t end_of_others(const struct pci_server *server, const struct pci_function *function,
			      const struct bar_window *window, struct search *search)
{
	const struct pci_tree *tree = &server->tree;

	search->end = 0;
	meet_board(search, &server->acpi);
	meet_memory(search, window);
	for (unsigned int i = 0; i < tree->count; i++) {
		const struct pci_function *other = &tree->function[i];

		meet_bars(search, other);
		if (other->bridge && other->parent == function->parent)
			meet_windows(search, other);
	}
	return search->end;
}

/* 0: there is no room. Each step leads past something that lies there, so it comes to an end. */
static uint64_t find_room(const struct pci_server *server, const struct pci_function *function,
			  const struct pci_bar *bar, const struct bar_window *window)
{
	uint64_t unit = bar_unit(bar), at = window->first ? window->first : unit;
	uint64_t last = window->last;
	struct search search = { .ports = window->ports };

	if (!(bar->flags & BAR_IO) && (bar->flags & BAR_TYPE_MASK) != BAR_TYPE_64 &&
	    last > BELOW_4G)
		last = BELOW_4G;
	while (at) {
		at = (at + unit - 1) & ~(unit - 1);
		if (at < window->first || at > last || unit - 1 > last - at)
			return 0;
		search.first = at;
		search.last = at + unit - 1;
		if (!end_of_others(server, function, window, &search))
			return at;
		at = search.end;
	}
	return 0;
}

/* What may be prefetched need not be; the other way round it must not be. */
void bar_find_room(const struct pci_server *server, struct pci_function *function,
		   struct pci_bar *bar, const struct bar_window *window, unsigned int windows)
{
	bool ports = bar->flags & BAR_IO, prefetchable = !ports && (bar->flags & BAR_PREFETCHABLE);

	for (unsigned int round = 0; round < (prefetchable ? 2 : 1); round++) {
		for (unsigned int i = 0; !bar->address && i < windows; i++)
			if (window[i].ports == ports &&
			    window[i].prefetchable == (prefetchable && round == 0))
				bar->address = find_room(server, function, bar, &window[i]);
	}
	if (!bar->address)
		pci_function_log(function, function->bridge ? "there is no room for a window" :
							      "there is no room for a BAR");
}

unsigned int bar_windows_above(const struct acpi_description *acpi,
			       const struct pci_function *function, struct bar_window *window)
{
	if (function->parent) {
		bar_windows_of(function->parent, window);
		return PCI_BRIDGE_WINDOWS;
	}
	for (unsigned int i = 0; i < acpi->windows; i++)
		window[i] =
			(struct bar_window){ acpi->window[i].base,
					     acpi->window[i].base + (acpi->window[i].size - 1),
					     acpi->window[i].ports, acpi->window[i].prefetchable };
	return acpi->windows;
}
