/* SPDX-License-Identifier: MIT */
/* Who is given addresses, in what order, and how bridges are opened for them. */
#include "bar_place.h"

#include "bar_room.h"
#include "device_reset.h"
#include "pci_config.h"
#include "pci_registers.h"
#include "pci_settings.h"

#define PAGE PURLIN_PAGE_SIZE
#define MEGABYTE 0x100000ull

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
			sum[window_for(&function->bar[i])] += bar_unit(&function->bar[i]);
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
static void place_behind(struct pci_server *server, const struct pci_function *bridge)
{
	struct pci_tree *tree = &server->tree;
	uint16_t done[PCI_TREE_FUNCTIONS] = { 0 };
	struct bar_window window[PCI_BRIDGE_WINDOWS];
	struct pci_function *function = NULL;
	struct pci_bar *bar;
	unsigned int index = 0;

	bar_windows_of(bridge, window);
	while ((bar = largest(tree, bridge, done, &function, &index)) != NULL) {
		done[function - tree->function] |= (uint16_t)(1u << index);
		bar_find_room(server, function, bar, window, PCI_BRIDGE_WINDOWS);
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
	place_behind(server, port);
	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (function->fixed || !is_behind(function, port))
			continue;
		pci_settings_note(function);
		reset_restore(function);
		if (function->bridge)
			place_behind(server, function);
	}
}

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
	struct bar_window window[BAR_WINDOWS_ABOVE];
	unsigned int windows;
	struct pci_bar *bar;

	for (unsigned int i = 0; i < server->tree.count; i++) {
		struct pci_function *function = &server->tree.function[i];

		if (!has_lost_all(function))
			continue;
		pci_function_log(function, "has no addresses: it is given some");
		windows = bar_windows_above(&server->acpi, function, window);
		for (uint32_t done = 0; (bar = largest_of(function, done)) != NULL;) {
			done |= 1u << (bar - function->bar);
			bar->address = 0;
			bar_find_room(server, function, bar, window, windows);
		}
		pci_settings_note(function);
		reset_restore(function);
	}
}

/* Others have registers in the same page, which a mapping would open. */
static bool shares_page(const struct pci_tree *tree, const struct pci_function *function,
			const struct pci_bar *bar)
{
	for (unsigned int i = 0; i < tree->count; i++) {
		const struct pci_function *other = &tree->function[i];

		for (unsigned int n = 0; n < PCI_BARS && other->owner != function->owner; n++)
			if (other->bar[n].size && !(other->bar[n].flags & BAR_IO) &&
			    other->bar[n].address / PAGE <= bar->address / PAGE &&
			    (other->bar[n].address + other->bar[n].size - 1) / PAGE >=
				    bar->address / PAGE)
				return true;
	}
	return false;
}

/* Where there is no room it stays where it is. */
static bool part(struct pci_server *server, struct pci_function *function, struct pci_bar *bar)
{
	struct bar_window window[BAR_WINDOWS_ABOVE];
	unsigned int windows = bar_windows_above(&server->acpi, function, window);
	uint64_t before = bar->address;

	bar->address = 0;
	bar_find_room(server, function, bar, window, windows);
	if (bar->address)
		return true;
	bar->address = before;
	return false;
}

void bars_part(struct pci_server *server, struct pci_function *function)
{
	uint32_t command = pci_config_read(function->bdf, CFG_COMMAND, 2);
	bool moved = false;

	for (unsigned int i = 0; i < PCI_BARS && !function->fixed && !function->gone; i++) {
		struct pci_bar *bar = &function->bar[i];

		if (bar->size && bar->size < PAGE && bar->address && !(bar->flags & BAR_IO) &&
		    shares_page(&server->tree, function, bar))
			moved |= part(server, function, bar);
	}
	if (!moved)
		return;
	pci_function_log(function, "has registers in pages of their own now");
	pci_settings_note(function);
	pci_config_write(function->bdf, CFG_COMMAND, 2, command & ~COMMAND_MEMORY);
	reset_restore(function);
	pci_config_write(function->bdf, CFG_COMMAND, 2, command);
}
