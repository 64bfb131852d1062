/* SPDX-License-Identifier: MIT */
/* Forming groups: each function is alone at first, and what is not kept apart is joined. */
#include "pci_groups.h"

#include "pci_config.h"
#include "pci_registers.h"

static bool is_port(const struct pci_function *function)
{
	return function->pcie && (function->pcie_type == PCIE_TYPE_ROOT_PORT ||
				  function->pcie_type == PCIE_TYPE_DOWNSTREAM);
}

static bool is_below(const struct pci_function *function, const struct pci_function *bridge)
{
	while (function && function != bridge)
		function = function->parent;
	return function != NULL;
}

static void join(struct pci_tree *tree, struct pci_function *one, struct pci_function *other)
{
	uint16_t first = one->group < other->group ? one->group : other->group;
	uint16_t from = one->group < other->group ? other->group : one->group;

	for (unsigned int i = 0; from != first && i < tree->count; i++)
		if (tree->function[i].group == from)
			tree->function[i].group = first;
}

/* The function, and all behind it. */
static void join_below(struct pci_tree *tree, struct pci_function *one, struct pci_function *bridge)
{
	for (unsigned int i = 0; i < tree->count; i++)
		if (is_below(&tree->function[i], bridge))
			join(tree, one, &tree->function[i]);
}

static unsigned int find_services(const struct pci_function *function)
{
	return function->pcie ? pci_extended_capability_find(function->bdf, XCAP_ACS) : 0;
}

/* Requests that say they are translated already are stopped, too: nobody may make such. */
static void start_services(struct pci_function *function)
{
	uint16_t bdf = function->bdf;

	function->acs = (uint16_t)find_services(function);
	if (!function->acs)
		return;
	function->acs_control =
		(uint16_t)pci_config_read(bdf, function->acs + ACS_CAPABILITIES, 2) &
		(ACS_PORT | ACS_TRANSLATION);
	pci_config_write(bdf, function->acs + ACS_CONTROL, 2, function->acs_control);
	/* Believed if it can be read back. */
	function->acs_control &= (uint16_t)pci_config_read(bdf, function->acs + ACS_CONTROL, 2);
}

/*
 * What a port gets from below goes up, whatever its address. A function of a device with several
 * says by its capability that it would pass requests on to others, and by its absence nothing.
 */
static bool keeps_apart(const struct pci_function *function)
{
	uint32_t needed = ACS_PORT;

	if (!function->acs || function->pcie_type == PCIE_TYPE_TO_PCI ||
	    function->pcie_type == PCIE_TYPE_FROM_PCI)
		return false;
	if (!is_port(function))
		needed = pci_config_read(function->bdf, function->acs + ACS_CAPABILITIES, 2) &
			 (ACS_REQUESTS | ACS_COMPLETIONS);
	return (function->acs_control & needed) == needed;
}

/* On the link below a port there is one device, though its functions may have numbers like slots'
 * (PCI Express 5.0, 6.13). */
static bool are_one_device(const struct pci_function *one, const struct pci_function *other)
{
	if (one->absent || other->absent)
		return false;
	return (one->bdf & ~7u) == (other->bdf & ~7u) ||
	       (one->parent && one->parent == other->parent && is_port(one->parent));
}

/* Firmware says that an IOMMU cannot tell them apart. */
static bool look_alike(const struct pci_function *one, const struct pci_function *other)
{
	return (one->alias && (one->alias == other->bdf || one->alias == other->alias)) ||
	       (other->alias && other->alias == one->bdf);
}

/* A port without these services turns requests around; one of a switch hands them to its sibling.
 * Behind bridges to conventional PCI all share a bus. */
static void join_behind(struct pci_tree *tree, struct pci_function *bridge)
{
	struct pci_function *parent = bridge->parent;

	if (bridge->pcie && bridge->pcie_type == PCIE_TYPE_UPSTREAM)
		return;
	join_below(tree, bridge, bridge);
	if (bridge->pcie && bridge->pcie_type == PCIE_TYPE_DOWNSTREAM && parent)
		join_below(tree, bridge, parent);
}

static void join_with(struct pci_tree *tree, struct pci_function *one, struct pci_function *other)
{
	if (look_alike(one, other))
		join(tree, one, other);
	if (are_one_device(one, other) && (!keeps_apart(one) || !keeps_apart(other))) {
		join_below(tree, one, one);
		join_below(tree, one, other);
	}
}

static void join_all(struct pci_tree *tree)
{
	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (function->bridge && !keeps_apart(function))
			join_behind(tree, function);
		for (unsigned int j = 0; j < i; j++)
			join_with(tree, function, &tree->function[j]);
	}
}

void pci_groups_form(struct pci_tree *tree)
{
	for (unsigned int i = 0; i < tree->count; i++)
		start_services(&tree->function[i]);
	join_all(tree);
}

/* Anew, since a place in the tree, which is a group's name, may be another function's now. */
void pci_groups_change(struct pci_tree *tree, struct pci_function *port)
{
	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		function->group = (uint16_t)i;
		if (function != port && is_below(function, port) && !function->gone)
			start_services(function);
	}
	join_all(tree);
}

const struct pci_function *pci_group_holder(const struct pci_tree *tree,
					    const struct pci_function *function, const void *but)
{
	for (unsigned int i = 0; i < tree->count; i++) {
		const struct pci_function *other = &tree->function[i];

		if (other != function && other->group == function->group &&
		    ((other->owner && other->owner != but) || other->quarantined))
			return other;
	}
	return NULL;
}
