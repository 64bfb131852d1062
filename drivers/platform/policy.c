/* SPDX-License-Identifier: MIT */
/* Assignment of functions by the system description's rules. */
#include "policy.h"

#include "hardware.h"
#include "pci_config.h"
#include "pci_groups.h"

purlin_s64 policy_read(struct policy *policy, const purlin_u64 *words, unsigned int count)
{
	/* From init, but it passes on what a description says: nothing of it is taken for valid. */
	if (count < 2 || words[1] > PCI_POLICY_RULES || count < 2 + 2 * words[1] ||
	    (uint32_t)words[0] & ~(uint32_t)(PCI_POLICY_TRUSTED_DMA | PCI_POLICY_USED))
		return PURLIN_BAD_ARGUMENT;
	policy->processor = (unsigned int)(words[0] >> PCI_POLICY_PROCESSOR);
	policy->trusted_dma = (words[0] & PCI_POLICY_TRUSTED_DMA) != 0;
	policy->used_devices = (words[0] & PCI_POLICY_USED) != 0;
	policy->count = (unsigned int)words[1];
	for (unsigned int i = 0; i < policy->count; i++) {
		purlin_u64 kind = words[2 + 2 * i], pattern = words[3 + 2 * i];

		policy->rule[i].moved = (kind & PCI_RULE_MOVED) != 0;
		kind &= ~(purlin_u64)PCI_RULE_MOVED;
		if (kind < PCI_RULE_CLASS || kind > PCI_RULE_SLOT)
			return PURLIN_BAD_ARGUMENT;
		policy->rule[i].kind = (uint32_t)kind;
		policy->rule[i].value = (uint32_t)pattern;
		policy->rule[i].mask = (uint32_t)(pattern >> 32);
	}
	return PURLIN_OK;
}

static bool matches(const struct policy *policy, unsigned int rule,
		    const struct pci_function *function)
{
	const struct pci_function *port;
	uint32_t value;

	switch (policy->rule[rule].kind) {
	case PCI_RULE_CLASS:
		value = function->class_revision >> 8;
		break;
	case PCI_RULE_ID:
		value = (uint32_t)function->device << 16 | function->vendor;
		break;
	case PCI_RULE_SLOT:
		port = function->parent;
		/* Behind a bridge on the card, too. */
		while (port && !port->slot)
			port = port->parent;
		if (!port)
			return false;
		value = port->slot_number;
		break;
	default:
		value = function->bdf;
		break;
	}
	return ((value ^ policy->rule[rule].value) & policy->rule[rule].mask) == 0;
}

/*
 * Bridges, and what has their class 06h, stay with the platform: they decide which addresses reach
 * which device, so who had one could redirect those of others. So does an IOMMU (class 0806h).
 */
bool policy_assignable(const struct pci_function *function)
{
	return !function->bridge && !function->absent && function->class_revision >> 24 != 0x06 &&
	       function->class_revision >> 16 != 0x0806;
}

/* One rule that matches is enough; none can make a bridge assignable. */
bool policy_means(const struct policy *policy, const struct pci_function *function, bool moved)
{
	for (unsigned int i = 0; i < policy->count; i++)
		if ((moved || !policy->rule[i].moved) && matches(policy, i, function))
			return policy_assignable(function);
	return false;
}

/* For whom it is reserved, is_free() has looked at. */
static bool wanted(const struct policy *policy, const struct pci_function *function)
{
	return policy_means(policy, function, function->reserved_for[0] != 0);
}

static bool rule_names(const struct policy *policy, unsigned int rule)
{
	uint32_t kind = policy->rule[rule].kind;

	return !policy->rule[rule].moved && (kind == PCI_RULE_ID || kind == PCI_RULE_BDF);
}

bool policy_names(const struct policy *policy, const struct pci_function *function)
{
	for (unsigned int i = 0; i < policy->count; i++)
		if (rule_names(policy, i) && matches(policy, i, function))
			return true;
	return false;
}

static bool is_free(const struct pci_function *function, const char *label)
{
	return !function->owner && !function->quarantined && !function->gone &&
	       !function->leaving && !pci_function_reserved_from(function, label);
}

static void complain(struct pci_function *function, const char *label, const char *reason)
{
	pci_function_refuse(function, label, reason);
	hardware_log_for(label, "PCI %02x:%02x.%x (%04x:%04x) is not given to '%s': %s",
			 PCI_BUS(function->bdf), PCI_SLOT(function->bdf),
			 PCI_FUNCTION(function->bdf), function->vendor, function->device, label,
			 reason);
}

static bool acceptable(const struct policy *policy, struct pci_function *function,
		       const char *label)
{
	if (policy->used_devices || !pci_function_kept_from(function, label))
		return true;
	complain(function, label,
		 "another component had it, it cannot be reset, and its description lacks "
		 "`used-devices`");
	return false;
}

/* A rule that names a device by id or place has to find it. */
static purlin_s64 check_rule(const struct policy *policy, unsigned int rule, struct pci_tree *tree,
			     const char *label)
{
	purlin_s64 status = PURLIN_NO_DEVICE;

	if (!rule_names(policy, rule))
		return PURLIN_OK;
	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (!matches(policy, rule, function) || !policy_assignable(function))
			continue;
		/* It was moved to another component: this one is to do without. */
		if (pci_function_reserved_from(function, label) ||
		    (is_free(function, label) && acceptable(policy, function, label)))
			return PURLIN_OK;
		if (is_free(function, label)) {
			status = PURLIN_NO_RIGHT;
			continue;
		}
		complain(function, label,
			 function->quarantined ? "it may still reach memory of its owner before" :
						 "another component has it");
		status = PURLIN_BUSY;
	}
	if (status == PURLIN_NO_DEVICE)
		hardware_log_for(label, "PCI: '%s' asks for %s %04x:%04x, which is not there",
				 label, policy->rule[rule].kind == PCI_RULE_ID ? "device" : "bdf",
				 policy->rule[rule].value & 0xffffu,
				 policy->rule[rule].value >> 16);
	return status;
}

static bool chosen(const struct assignments *assignments, uint16_t bdf)
{
	for (unsigned int i = 0; i < assignments->count; i++)
		if (assignments->entry[i].function->bdf == bdf)
			return true;
	return false;
}

static unsigned int free_slot(uint32_t *used)
{
	for (unsigned int slot = 1; slot < 32; slot++) {
		if (!(*used & 1u << slot)) {
			*used |= 1u << slot;
			return slot;
		}
	}
	return 0;
}

/* The functions of a device whose function 0 goes along stay together at one device number. */
static bool keeps_together(const struct assignments *assignments, uint16_t bdf)
{
	return chosen(assignments, (uint16_t)(bdf & ~7u));
}

static void place_device(struct assignments *assignments, unsigned int first, unsigned int slot)
{
	unsigned int device = assignments->entry[first].function->bdf & ~7u;
	unsigned int members = 0;

	for (unsigned int i = 0; i < assignments->count; i++)
		members += (assignments->entry[i].function->bdf & ~7u) == device;
	for (unsigned int i = 0; i < assignments->count; i++) {
		struct assignment *entry = &assignments->entry[i];

		if ((entry->function->bdf & ~7u) != device)
			continue;
		entry->bdf = PCI_BDF(0, slot, PCI_FUNCTION(entry->function->bdf));
		entry->multifunction = members > 1;
	}
}

/* At its place on bus 0, unless another one was there before. */
static bool stays(const struct assignments *assignments, uint16_t bdf, uint32_t taken)
{
	return PCI_BUS(bdf) == 0 && !(taken & 1u << PCI_SLOT(bdf)) &&
	       keeps_together(assignments, bdf);
}

#define HOST_BRIDGE 1u /* device 0 is left to host bridges, by custom */

/* See session/pci.h: places on the client's flat bus 0. False: no device number left. */
static bool place(struct assignments *assignments, uint32_t used)
{
	uint32_t taken = used;
	unsigned int i;

	for (i = 0; i < assignments->count; i++) {
		uint16_t bdf = assignments->entry[i].function->bdf;

		/*
		 * First those of bus 0, where they are: drivers and users know them by that
		 * place.
		 */
		if (stays(assignments, bdf, taken)) {
			used |= 1u << PCI_SLOT(bdf);
			place_device(assignments, i, PCI_SLOT(bdf));
		}
	}
	for (i = 0; i < assignments->count; i++) {
		struct assignment *entry = &assignments->entry[i];
		uint16_t bdf = entry->function->bdf;
		bool together = keeps_together(assignments, bdf);
		unsigned int slot;

		/* Placed above, or will be together with its function 0. */
		if (stays(assignments, bdf, taken) || (together && PCI_FUNCTION(bdf) != 0))
			continue;
		slot = free_slot(&used);
		if (!slot)
			return false;
		if (together)
			place_device(assignments, i, slot);
		else
			/*
			 * As function 0: a scan looks at the other functions of a device only if it
			 * finds that one (PCI 3.0, 6.1).
			 */
			entry->bdf = PCI_BDF(0, slot, 0);
	}
	return true;
}

/* What it reaches past the IOMMU, and what reaches it, must not be another component's. */
static bool would_split(struct pci_tree *tree, struct pci_function *function, const char *label,
			const void *session)
{
	const struct pci_function *other = pci_group_holder(tree, function, session);

	if (!other)
		return false;
	complain(function, label, "it is of one group with a device of another component");
	hardware_log_for(label,
			 "PCI: %02x:%02x.%x and %02x:%02x.%x reach each other past the IOMMU",
			 PCI_BUS(function->bdf), PCI_SLOT(function->bdf),
			 PCI_FUNCTION(function->bdf), PCI_BUS(other->bdf), PCI_SLOT(other->bdf),
			 PCI_FUNCTION(other->bdf));
	return true;
}

/* All are named before the answer, so that a description can be put right at once. */
static bool keeps_groups(const struct policy *policy, struct pci_tree *tree, const char *label)
{
	bool keeps = true;

	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (is_free(function, label) && wanted(policy, function))
			keeps &= !would_split(tree, function, label, NULL);
	}
	return keeps;
}

static purlin_s64 choose(const struct policy *policy, struct pci_function *function,
			 const char *label, struct assignments *assignments)
{
	if (!policy->trusted_dma) {
		complain(function, label,
			 "there is no IOMMU, and its description lacks `trusted-dma`");
		return PURLIN_NO_RIGHT;
	}
	if (assignments->count == POLICY_FUNCTIONS) {
		complain(function, label, "too many functions");
		return PURLIN_NO_MEMORY;
	}
	assignments->entry[assignments->count++] = (struct assignment){ .function = function };
	return PURLIN_OK;
}

static purlin_s64 find_places(const char *label, struct assignments *assignments, uint32_t used)
{
	if (place(assignments, used))
		return PURLIN_OK;
	hardware_log_for(label, "PCI: no device number left for '%s'", label);
	return PURLIN_NO_MEMORY;
}

purlin_s64 policy_apply(const struct policy *policy, struct pci_tree *tree, const char *label,
			struct assignments *assignments)
{
	purlin_s64 status = PURLIN_OK;

	assignments->count = 0;
	for (unsigned int i = 0; !status && i < policy->count; i++)
		status = check_rule(policy, i, tree, label);
	if (status)
		return status;
	if (policy->isolated && !keeps_groups(policy, tree, label))
		return PURLIN_NO_RIGHT;
	/* A rule by class means whatever is free: a device that another component has is no error.
	 */
	for (unsigned int i = 0; !status && i < tree->count; i++)
		if (is_free(&tree->function[i], label) && wanted(policy, &tree->function[i]) &&
		    acceptable(policy, &tree->function[i], label))
			status = choose(policy, &tree->function[i], label, assignments);
	return status ? status : find_places(label, assignments, HOST_BRIDGE);
}

purlin_s64 policy_claim(const struct policy *policy, struct pci_tree *tree, const char *label,
			const void *session, bool new_only, const struct assignments *had,
			struct assignments *assignments)
{
	uint32_t used = HOST_BRIDGE;
	purlin_s64 status = PURLIN_OK;

	assignments->count = 0;
	for (unsigned int i = 0; i < had->count; i++)
		used |= 1u << PCI_SLOT(had->entry[i].bdf);
	for (unsigned int i = 0; !status && i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (!is_free(function, label) || (new_only && !function->arrived) ||
		    !wanted(policy, function) || !acceptable(policy, function, label) ||
		    (policy->isolated && would_split(tree, function, label, session)))
			continue;
		status = had->count + assignments->count < POLICY_FUNCTIONS ?
				 choose(policy, function, label, assignments) :
				 PURLIN_NO_MEMORY;
	}
	if (!status && !assignments->count)
		status = PURLIN_NO_DEVICE;
	return status ? status : find_places(label, assignments, used);
}

bool policy_wants(const struct policy *policy, const struct pci_tree *tree, const char *label,
		  bool new_only)
{
	for (unsigned int i = 0; i < tree->count; i++) {
		const struct pci_function *function = &tree->function[i];

		if ((function->arrived || !new_only) && is_free(function, label) &&
		    wanted(policy, function))
			return true;
	}
	return false;
}
