/* SPDX-License-Identifier: MIT */
/* Enumeration of PCI buses. Bus numbers and BARs are those firmware chose. */
#include "pci_tree.h"

#include "hardware.h"
#include "pci_bars.h"
#include "pci_config.h"
#include "pci_errors.h"
#include "pci_registers.h"
#include "pci_settings.h"

#define CARD_DEPTH 8 /* bridges in a row on a card */

static void find_capabilities(struct pci_function *function)
{
	unsigned int steps = 0, offset = 0;

	while ((offset = pci_capability_next(function->bdf, offset, &steps)) != 0) {
		uint8_t *place = NULL;

		switch (pci_config_read(function->bdf, offset, 1)) {
		case CAP_PM:
			place = &function->pm;
			break;
		case CAP_MSI:
			place = &function->msi;
			break;
		case CAP_MSIX:
			place = &function->msix;
			break;
		case CAP_PCIE:
			place = &function->pcie;
			break;
		case CAP_AF:
			place = &function->af;
			break;
		case CAP_VPD:
			place = &function->vpd;
			break;
		default:
			break;
		}
		/*
		 * The first of a kind: a device could repeat one to make two parts of us
		 * disagree.
		 */
		if (place && !*place)
			*place = (uint8_t)offset;
	}
}

static bool is_host_bridge(const struct pci_function *function)
{
	return function->class_revision >> 16 == 0x0600;
}

/* What the function may do later: no error messages, nothing past the caches or in others' names.
 */
static void read_pcie(struct pci_function *function)
{
	uint16_t bdf = function->bdf;
	unsigned int offset = function->pcie + PCIE_DEVICE_CONTROL;

	uint32_t flags = pci_config_read(bdf, function->pcie + PCIE_FLAGS, 2);
	uint32_t slot = pci_config_read(bdf, function->pcie + PCIE_SLOT, 4);

	function->slot = function->bridge && (flags & PCIE_HAS_SLOT);
	function->hot_plug = function->slot && (slot & SLOT_HOT_PLUG);
	function->slot_number = (uint16_t)(slot >> SLOT_NUMBER_SHIFT);
	function->pcie_type = (uint8_t)(flags & PCIE_TYPE);
	function->pcie_control =
		(uint16_t)pci_settings_control(function, pci_config_read(bdf, offset, 2)) &
		(uint16_t) ~(PCIE_CONTROL_REPORT | PCIE_CONTROL_FLR | PCIE_CONTROL_NO_SNOOP |
			     PCIE_CONTROL_PHANTOM);
	pci_config_write(bdf, offset, 2, function->pcie_control);
}

/* As firmware numbered them; scan_behind() looks whether they make sense. */
static void read_buses(struct pci_function *bridge)
{
	bridge->secondary = (uint8_t)pci_config_read(bridge->bdf, CFG_SECONDARY_BUS, 1);
	bridge->subordinate = (uint8_t)pci_config_read(bridge->bdf, CFG_SUBORDINATE_BUS, 1);
}

/* All ones: nobody has answered. Some machines answer with zero instead. */
static bool is_present(uint16_t bdf)
{
	uint32_t id = pci_config_read(bdf, CFG_ID, 4);

	return (id & 0xffffu) != 0xffffu && id != 0;
}

/* A place that one left is taken again; NULL: there is none. */
static struct pci_function *free_place(struct pci_tree *tree)
{
	for (unsigned int i = 0; i < tree->count; i++)
		if (tree->function[i].absent)
			return &tree->function[i];
	return tree->count < PCI_TREE_FUNCTIONS ? &tree->function[tree->count++] : NULL;
}

static struct pci_function *new_function(struct pci_tree *tree, uint16_t bdf,
					 struct pci_function *parent)
{
	struct pci_function *function = free_place(tree);
	uint32_t id = pci_config_read(bdf, CFG_ID, 4), type;

	if (!function)
		return NULL;
	*function = (struct pci_function){ .bdf = bdf,
					   .parent = parent,
					   .group = (uint16_t)(function - tree->function) };
	function->vendor = (uint16_t)id;
	function->device = (uint16_t)(id >> 16);
	function->class_revision = pci_config_read(bdf, CFG_CLASS, 4);
	type = pci_config_read(bdf, CFG_HEADER_TYPE, 1);
	function->bridge = (type & ~HEADER_MULTIFUNCTION) == HEADER_BRIDGE;
	/* A host bridge's decoders may be what firmware's memory map stands on. */
	function->fixed =
		is_host_bridge(function) || (type & ~HEADER_MULTIFUNCTION) > HEADER_BRIDGE;
	return function;
}

static void read_rest(struct pci_function *function, uint32_t command)
{
	pci_config_write(function->bdf, CFG_COMMAND, 2, command & ~(COMMAND_IO | COMMAND_MEMORY));
	pci_settings_settle(function);
	pci_bars_read(function, command);
	function->intx_maskable =
		(pci_config_read(function->bdf, CFG_COMMAND, 2) & COMMAND_INTX_DISABLE) != 0;
	function->pin = (uint8_t)pci_config_read(function->bdf, CFG_INTERRUPT_PIN, 1);
	/* INTA to INTD; anything else would be an index into routing tables. */
	if (function->pin > 4)
		function->pin = 0;
	find_capabilities(function);
	if (function->pcie) {
		read_pcie(function);
		pci_bar_sizes_read(function);
		function->errors =
			(uint16_t)pci_extended_capability_find(function->bdf, XCAP_ERRORS);
	}
	if (function->bridge && function->pcie)
		pci_errors_contain_nothing(function->bdf);
	if (function->bridge) {
		pci_errors_quiet(function->bdf,
				 function->pcie_type == PCIE_TYPE_ROOT_PORT ? function->pcie : 0);
		read_buses(function);
	}
}

/*
 * The first thing that happens to a function in the life of this component. It may be writing to
 * memory at this moment, for a driver of firmware or a client of the previous platform component:
 * bus mastering and INTx are switched off before anything else is believed about it, and also if
 * there is no room for it.
 */
static void add_function(struct pci_tree *tree, uint16_t bdf, struct pci_function *parent)
{
	struct pci_function *function;
	uint32_t command;

	if (!is_present(bdf))
		return;
	command = pci_config_read(bdf, CFG_COMMAND, 2) & ~(COMMAND_MASTER | COMMAND_SERR);
	command |= COMMAND_INTX_DISABLE;
	pci_config_write(bdf, CFG_COMMAND, 2, command);
	function = new_function(tree, bdf, parent);
	if (!function) {
		hardware_log("PCI: more than %d functions, %02x:%02x.%x left out",
			     PCI_TREE_FUNCTIONS, PCI_BUS(bdf), PCI_SLOT(bdf), PCI_FUNCTION(bdf));
		return;
	}
	if (!function->fixed)
		read_rest(function, command);
}

/*
 * Other functions are looked for only where the device says so: single ones may answer for all
 * eight (PCI 3.0, 3.2.2.3.4).
 */
static bool is_multifunction(uint16_t zero)
{
	return is_present(zero) &&
	       (pci_config_read(zero, CFG_HEADER_TYPE, 1) & HEADER_MULTIFUNCTION);
}

static void scan_device(struct pci_tree *tree, unsigned int bus, unsigned int slot,
			struct pci_function *parent)
{
	unsigned int numbers = is_multifunction(PCI_BDF(bus, slot, 0)) ? 8 : 1;

	for (unsigned int number = 0; number < numbers; number++)
		add_function(tree, PCI_BDF(bus, slot, number), parent);
}

static void scan_bus(struct pci_tree *tree, unsigned int bus, struct pci_function *parent)
{
	for (unsigned int slot = 0; slot < 32; slot++)
		scan_device(tree, bus, slot, parent);
}

/* Also buses of other roots: numbers are the machine's, whoever they were given to. */
static bool bus_seen(const struct pci_tree *tree, unsigned int bus)
{
	for (unsigned int i = 0; i < tree->count; i++)
		if (PCI_BUS(tree->function[i].bdf) == bus && !tree->function[i].absent)
			return true;
	return false;
}

/*
 * Numbers grow on the way down and stay within those of the bridge above, and no bus lies behind
 * two bridges: else a function would be found twice, and given away twice.
 */
static bool numbers_sound(const struct pci_tree *tree, const struct pci_function *bridge)
{
	return bridge->secondary > PCI_BUS(bridge->bdf) &&
	       bridge->secondary <= bridge->subordinate &&
	       (!bridge->parent || bridge->subordinate <= bridge->parent->subordinate) &&
	       !bus_seen(tree, bridge->secondary);
}

static void scan_behind(struct pci_tree *tree, struct pci_function *bridge)
{
	if (numbers_sound(tree, bridge))
		scan_bus(tree, bridge->secondary, bridge);
	else
		hardware_log("PCI: bridge %02x:%02x.%x has no usable bus numbers",
			     PCI_BUS(bridge->bdf), PCI_SLOT(bridge->bdf),
			     PCI_FUNCTION(bridge->bdf));
}

/* Breadth first, by the tree that grows meanwhile: no recursion for a machine to make deep. */
void pci_tree_scan(struct pci_tree *tree, unsigned int root_bus)
{
	unsigned int next = tree->count;

	if (pci_tree_bridge_of(tree, root_bus) || bus_seen(tree, root_bus))
		return;
	scan_bus(tree, root_bus, NULL);
	for (; next < tree->count; next++)
		if (tree->function[next].bridge)
			scan_behind(tree, &tree->function[next]);
}

static void set_buses(struct pci_function *bridge, unsigned int secondary, unsigned int subordinate)
{
	bridge->secondary = (uint8_t)secondary;
	bridge->subordinate = (uint8_t)subordinate;
	pci_config_write(bridge->bdf, CFG_PRIMARY_BUS, 1, PCI_BUS(bridge->bdf));
	pci_config_write(bridge->bdf, CFG_SECONDARY_BUS, 1, secondary);
	pci_config_write(bridge->bdf, CFG_SUBORDINATE_BUS, 1, subordinate);
}

/*
 * Depth first, since the numbers behind a bridge follow one another: all up to the last are the
 * bridge's while others are looked for behind it, then those that are in use. Returns the last of
 * them. Each step takes a number, so it comes to an end; CARD_DEPTH is for the stack.
 */
static unsigned int number_behind(struct pci_tree *tree, struct pci_function *above,
				  unsigned int used, unsigned int depth)
{
	unsigned int last = above->subordinate;

	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *bridge = &tree->function[i];

		if (!bridge->bridge || bridge->parent != above)
			continue;
		/* What it had was of another place. */
		set_buses(bridge, 0, 0);
		if (used >= last || depth == CARD_DEPTH) {
			pci_function_log(bridge, "there is no bus number for what is behind it");
			continue;
		}
		set_buses(bridge, used + 1, last);
		scan_bus(tree, bridge->secondary, bridge);
		used = number_behind(tree, bridge, bridge->secondary, depth + 1);
		set_buses(bridge, bridge->secondary, used);
	}
	return used;
}

/* On the link below a port there is one device (PCI Express 5.0, 7.3.1). */
void pci_tree_add_behind(struct pci_tree *tree, struct pci_function *port)
{
	scan_device(tree, port->secondary, 0, port);
	(void)number_behind(tree, port, port->secondary, 0);
}

void pci_tree_remove(struct pci_function *function)
{
	pci_settings_forget(function);
	*function = (struct pci_function){ .absent = true, .fixed = true };
}

struct pci_function *pci_tree_find(struct pci_tree *tree, uint16_t bdf)
{
	for (unsigned int i = 0; i < tree->count; i++)
		if (tree->function[i].bdf == bdf && !tree->function[i].absent)
			return &tree->function[i];
	return NULL;
}

struct pci_function *pci_tree_bridge_of(struct pci_tree *tree, unsigned int bus)
{
	for (unsigned int i = 0; i < tree->count; i++)
		if (tree->function[i].bridge && tree->function[i].secondary == bus)
			return &tree->function[i];
	return NULL;
}
