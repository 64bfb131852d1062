/* SPDX-License-Identifier: MIT */
/* Windows of bridges, and the first room in them. */
#include "bar_place.h"

#include "device_reset.h"
#include "pci_config.h"
#include "pci_registers.h"

#define PAGE PURLIN_PAGE_SIZE
#define MEGABYTE 0x100000ull
#define BELOW_4G 0xffffffffull

/* Empty if last is below first. */
struct window {
	uint64_t first;
	uint64_t last;
	bool ports;
	bool prefetchable;
};

/* PCI-to-PCI Bridge 1.2, 3.2.5: addresses in units of 4096 ports and of 1 MiB. */
static struct window ports_of(const struct pci_function *bridge)
{
	uint32_t low = pci_config_read(bridge->bdf, CFG_BRIDGE_PORTS, 2);

	return (struct window){ (low & 0xf0) << 8, (low & 0xf000) | 0xfff, .ports = true };
}

static struct window memory_of(const struct pci_function *bridge)
{
	uint32_t low = pci_config_read(bridge->bdf, CFG_BRIDGE_MEMORY, 4);

	return (struct window){ (uint64_t)(low & 0xfff0) << 16,
				(uint64_t)(low & 0xfff00000) | (MEGABYTE - 1), .ports = false };
}

static struct window prefetch_of(const struct pci_function *bridge)
{
	uint32_t low = pci_config_read(bridge->bdf, CFG_BRIDGE_PREFETCH, 4);
	uint64_t base = 0, limit = 0;

	if ((low & 0xf) == 1) {
		base = pci_config_read(bridge->bdf, CFG_BRIDGE_PREFETCH_HIGH, 4);
		limit = pci_config_read(bridge->bdf, CFG_BRIDGE_PREFETCH_HIGH + 4, 4);
	}
	return (struct window){ base << 32 | (uint64_t)(low & 0xfff0) << 16,
				limit << 32 | (uint64_t)(low & 0xfff00000) | (MEGABYTE - 1),
				.prefetchable = true };
}

#define BRIDGE_WINDOWS 3
#define WINDOWS (ACPI_WINDOWS > BRIDGE_WINDOWS ? ACPI_WINDOWS : BRIDGE_WINDOWS)

static void bridge_windows(const struct pci_function *bridge, struct window *window)
{
	window[0] = ports_of(bridge);
	window[1] = memory_of(bridge);
	window[2] = prefetch_of(bridge);
}

static unsigned int windows_above(const struct pci_server *server,
				  const struct pci_function *function, struct window *window)
{
	const struct acpi_description *acpi = &server->acpi;

	if (function->parent) {
		bridge_windows(function->parent, window);
		return BRIDGE_WINDOWS;
	}
	for (unsigned int i = 0; i < acpi->windows; i++)
		window[i] = (struct window){ acpi->window[i].base,
					     acpi->window[i].base + (acpi->window[i].size - 1),
					     acpi->window[i].ports, acpi->window[i].prefetchable };
	return acpi->windows;
}

/* Memory in whole pages, since that is what an owner maps. */
static uint64_t unit_of(const struct pci_bar *bar)
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
	struct window window[BRIDGE_WINDOWS];

	bridge_windows(bridge, window);
	for (unsigned int i = 0; i < BRIDGE_WINDOWS; i++)
		if (window[i].ports == search->ports && window[i].first <= window[i].last)
			meet(search, window[i].first, window[i].last);
}

static uint64_t end_of_others(const struct pci_tree *tree, const struct pci_function *function,
			      struct search *search)
{
	search->end = 0;
	for (unsigned int i = 0; i < tree->count; i++) {
		const struct pci_function *other = &tree->function[i];

		meet_bars(search, other);
		if (other->bridge && other->parent == function->parent)
			meet_windows(search, other);
	}
	return search->end;
}

/* 0: there is no room. Each step leads past something that lies there, so it comes to an end. */
static uint64_t find_room(const struct pci_tree *tree, const struct pci_function *function,
			  const struct pci_bar *bar, const struct window *window)
{
	uint64_t unit = unit_of(bar), at = window->first ? window->first : unit;
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
		if (!end_of_others(tree, function, &search))
			return at;
		at = search.end;
	}
	return 0;
}

/* What may be prefetched need not be; the other way round it must not be. */
static void place(const struct pci_tree *tree, struct pci_function *function, struct pci_bar *bar,
		  const struct window *window, unsigned int windows)
{
	bool ports = bar->flags & BAR_IO, prefetchable = !ports && (bar->flags & BAR_PREFETCHABLE);

	for (unsigned int round = 0; round < (prefetchable ? 2 : 1); round++) {
		for (unsigned int i = 0; !bar->address && i < windows; i++)
			if (window[i].ports == ports &&
			    window[i].prefetchable == (prefetchable && round == 0))
				bar->address = find_room(tree, function, bar, &window[i]);
	}
	if (!bar->address)
		pci_function_log(function, "there is no room for a BAR");
}

static struct pci_bar *largest(struct pci_function *function, uint32_t done)
{
	struct pci_bar *found = NULL;

	for (unsigned int i = 0; i <= PCI_ROM; i++)
		if (function->bar[i].size && !(done & 1u << i) &&
		    (!found || function->bar[i].size > found->size))
			found = &function->bar[i];
	return found;
}

void bars_place(const struct pci_server *server, struct pci_function *function)
{
	struct window window[WINDOWS];
	unsigned int windows = windows_above(server, function, window);
	struct pci_bar *bar;
	uint32_t done = 0;

	for (unsigned int i = 0; i <= PCI_ROM; i++)
		function->bar[i].address = 0;
	/* The largest first, or small ones would split the room for them. */
	while ((bar = largest(function, done)) != NULL) {
		done |= 1u << (bar - function->bar);
		place(&server->tree, function, bar, window, windows);
	}
	reset_restore(function);
}
