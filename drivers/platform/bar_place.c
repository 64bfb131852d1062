/* SPDX-License-Identifier: MIT */
/* Windows of bridges, and the first room in them. */
#include "bar_place.h"

#include "device_reset.h"
#include "pci_config.h"
#include "pci_registers.h"
#include "pci_settings.h"

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

static void bridge_windows(const struct pci_function *bridge, struct window *window)
{
	window[PCI_WINDOW_PORTS] = ports_of(bridge);
	window[PCI_WINDOW_MEMORY] = memory_of(bridge);
	window[PCI_WINDOW_PREFETCH] = prefetch_of(bridge);
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
	struct window window[PCI_BRIDGE_WINDOWS];

	bridge_windows(bridge, window);
	for (unsigned int i = 0; i < PCI_BRIDGE_WINDOWS; i++)
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
		pci_function_log(function, function->bridge ? "there is no room for a window" :
							      "there is no room for a BAR");
}

/* The windows of a bridge follow its BARs. */
#define PLACES (PCI_ROM + 1 + PCI_BRIDGE_WINDOWS)

static struct pci_bar *place_of(struct pci_function *function, unsigned int index)
{
	return index <= PCI_ROM ? &function->bar[index] : &function->window[index - PCI_ROM - 1];
}

/* Which of a bridge's windows a BAR behind it has to be in. */
static unsigned int window_for(const struct pci_bar *bar)
{
	if (bar->flags & BAR_IO)
		return PCI_WINDOW_PORTS;
	return (bar->flags & BAR_PREFETCHABLE) && (bar->flags & BAR_TYPE_MASK) == BAR_TYPE_64 ?
		       PCI_WINDOW_PREFETCH :
		       PCI_WINDOW_MEMORY;
}

static void add_sizes(struct pci_function *function, uint64_t *sum)
{
	for (unsigned int i = 0; i <= PCI_ROM; i++)
		if (function->bar[i].size)
			sum[window_for(&function->bar[i])] += unit_of(&function->bar[i]);
	for (unsigned int i = 0; i < PCI_BRIDGE_WINDOWS; i++)
		sum[i] += function->window[i].size;
}

/*
 * A window's size is a power of two, as that of a BAR is: then those behind a bridge find room in
 * it whatever they are, if the largest is placed first.
 */
static void size_windows(struct pci_tree *tree, struct pci_function *bridge)
{
	bool wide = (pci_config_read(bridge->bdf, CFG_BRIDGE_PREFETCH, 1) & 0xf) == 1;
	uint64_t sum[PCI_BRIDGE_WINDOWS] = { 0 };

	for (unsigned int i = 0; i < tree->count; i++)
		if (tree->function[i].parent == bridge && !tree->function[i].fixed)
			add_sizes(&tree->function[i], sum);
	for (unsigned int i = 0; i < PCI_BRIDGE_WINDOWS; i++) {
		uint64_t size = i == PCI_WINDOW_PORTS ? PAGE : MEGABYTE;

		while (size < sum[i])
			size *= 2;
		bridge->window[i] = (struct pci_bar){ .size = sum[i] ? size : 0 };
	}
	bridge->window[PCI_WINDOW_PORTS].flags = BAR_IO;
	bridge->window[PCI_WINDOW_PREFETCH].flags = BAR_PREFETCHABLE | (wide ? BAR_TYPE_64 : 0);
}

/* One that has no place is closed: it ends before it begins. */
static void write_windows(const struct pci_function *bridge)
{
	uint64_t first[PCI_BRIDGE_WINDOWS], last[PCI_BRIDGE_WINDOWS];
	uint16_t bdf = bridge->bdf;

	for (unsigned int i = 0; i < PCI_BRIDGE_WINDOWS; i++) {
		bool open = bridge->window[i].address != 0;

		first[i] = open ? bridge->window[i].address : 0xfffff000;
		last[i] = open ? first[i] + (bridge->window[i].size - 1) : 0;
	}
	pci_config_write(bdf, CFG_BRIDGE_PORTS, 2, (first[0] >> 8 & 0xf0) | (last[0] & 0xf000));
	pci_config_write(bdf, CFG_BRIDGE_PORTS_HIGH, 4, 0);
	pci_config_write(bdf, CFG_BRIDGE_MEMORY, 4,
			 (uint32_t)((first[1] >> 16 & 0xfff0) | (last[1] & 0xfff00000)));
	pci_config_write(bdf, CFG_BRIDGE_PREFETCH, 4,
			 (uint32_t)((first[2] >> 16 & 0xfff0) | (last[2] & 0xfff00000)));
	pci_config_write(bdf, CFG_BRIDGE_PREFETCH_HIGH, 4, (uint32_t)(first[2] >> 32));
	pci_config_write(bdf, CFG_BRIDGE_PREFETCH_HIGH + 4, 4, (uint32_t)(last[2] >> 32));
}

/* Of all that is behind the bridge and has no place. */
static struct pci_bar *largest(struct pci_tree *tree, const struct pci_function *bridge,
			       const uint16_t *done, struct pci_function **owner,
			       unsigned int *index)
{
	struct pci_bar *found = NULL;

	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		for (unsigned int j = 0; function->parent == bridge && j < PLACES; j++) {
			struct pci_bar *bar = place_of(function, j);

			if (function->fixed || !bar->size || (done[i] & 1u << j) ||
			    (found && bar->size <= found->size))
				continue;
			found = bar;
			*owner = function;
			*index = j;
		}
	}
	return found;
}

/* The largest first, or small ones would split the room for them. */
static void place_behind(struct pci_tree *tree, const struct pci_function *bridge)
{
	uint16_t done[PCI_TREE_FUNCTIONS] = { 0 };
	struct window window[PCI_BRIDGE_WINDOWS];
	struct pci_function *function = NULL;
	struct pci_bar *bar;
	unsigned int index = 0;

	bridge_windows(bridge, window);
	while ((bar = largest(tree, bridge, done, &function, &index)) != NULL) {
		done[function - tree->function] |= (uint16_t)(1u << index);
		place(tree, function, bar, window, PCI_BRIDGE_WINDOWS);
		if (index > PCI_ROM)
			write_windows(function);
	}
}

static bool is_behind(const struct pci_function *function, const struct pci_function *port)
{
	while (function && function->parent != port)
		function = function->parent;
	return function != NULL;
}

static void forget_places(struct pci_function *function)
{
	for (unsigned int i = 0; i < PLACES; i++)
		place_of(function, i)->address = 0;
	pci_settings_note(function);
	if (function->bridge)
		write_windows(function);
}

/* A bridge has an earlier place in the tree than what is behind it. */
void bars_place(struct pci_server *server, const struct pci_function *port)
{
	struct pci_tree *tree = &server->tree;

	for (unsigned int i = tree->count; i-- > 0;) {
		struct pci_function *function = &tree->function[i];

		if (function->fixed || !is_behind(function, port))
			continue;
		if (function->bridge)
			size_windows(tree, function);
		forget_places(function);
	}
	place_behind(tree, port);
	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (function->fixed || !is_behind(function, port))
			continue;
		pci_settings_note(function);
		reset_restore(function);
		if (function->bridge)
			place_behind(tree, function);
	}
}

#define WINDOWS_ABOVE (ACPI_WINDOWS > PCI_BRIDGE_WINDOWS ? ACPI_WINDOWS : PCI_BRIDGE_WINDOWS)

static bool has_lost_all(const struct pci_function *function)
{
	bool some = false;

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		if (function->bar[i].address)
			return false;
		some = some || function->bar[i].size;
	}
	return some && !function->bridge && !function->fixed;
}

static unsigned int windows_above(const struct acpi_description *acpi,
				  const struct pci_function *function, struct window *window)
{
	if (function->parent) {
		bridge_windows(function->parent, window);
		return PCI_BRIDGE_WINDOWS;
	}
	for (unsigned int i = 0; i < acpi->windows; i++)
		window[i] = (struct window){ acpi->window[i].base,
					     acpi->window[i].base + (acpi->window[i].size - 1),
					     acpi->window[i].ports, acpi->window[i].prefetchable };
	return acpi->windows;
}

static struct pci_bar *largest_of(struct pci_function *function, uint32_t done)
{
	struct pci_bar *found = NULL;

	for (unsigned int i = 0; i <= PCI_ROM; i++)
		if (function->bar[i].size && !(done & 1u << i) &&
		    (!found || function->bar[i].size > found->size))
			found = &function->bar[i];
	return found;
}

void bars_place_lost(struct pci_server *server)
{
	struct window window[WINDOWS_ABOVE];
	unsigned int windows;
	struct pci_bar *bar;

	for (unsigned int i = 0; i < server->tree.count; i++) {
		struct pci_function *function = &server->tree.function[i];

		if (!has_lost_all(function))
			continue;
		pci_function_log(function, "has no addresses: it is given some");
		windows = windows_above(&server->acpi, function, window);
		for (uint32_t done = 0; (bar = largest_of(function, done)) != NULL;) {
			done |= 1u << (bar - function->bar);
			bar->address = 0;
			place(&server->tree, function, bar, window, windows);
		}
		pci_settings_note(function);
		reset_restore(function);
	}
}
