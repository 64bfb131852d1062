/* SPDX-License-Identifier: MIT */
/* Which functions a session gets, and where its client sees them. */
#ifndef PLATFORM_POLICY_H
#define PLATFORM_POLICY_H

#include "pci_tree.h"
#include "purlin/types.h"
#include "session/pci.h"

struct policy {
	bool trusted_dma;
	bool used_devices;	/* of others, if they could not be reset */
	bool isolated;		/* by an IOMMU: groups stay whole */
	unsigned int processor; /* takes the messages: the owner's */
	unsigned int count;
	struct {
		uint32_t kind;
		uint32_t value;
		uint32_t mask;
		bool moved; /* only what is reserved for the component */
	} rule[PCI_POLICY_RULES];
};

#define POLICY_FUNCTIONS 32

struct assignment {
	struct pci_function *function;
	uint16_t bdf; /* as the client sees it */
	bool multifunction;
};

struct assignments {
	unsigned int count;
	struct assignment entry[POLICY_FUNCTIONS];
};

/* Take the policy out of the words after a SERVER_OPEN's label. */
purlin_s64 policy_read(struct policy *policy, const purlin_u64 *words, unsigned int count);

/* May the function be assigned at all? */
bool policy_assignable(const struct pci_function *function);

/* Whether a rule means this function, by id or place, rather than all of a kind. */
bool policy_names(const struct policy *policy, const struct pci_function *function);

/*
 * Choose from the functions nobody owns. The log names what was refused and why;
 * `label` is the client.
 */
purlin_s64 policy_apply(const struct policy *policy, struct pci_tree *tree, const char *label,
			struct assignments *assignments);

/*
 * Choose further functions for a running session that has `had` already, whose places on its bus
 * are taken: only new ones (PCI_CLAIM_NEW), or all. A function that cannot be given is left out,
 * and the log says so.
 */
purlin_s64 policy_claim(const struct policy *policy, struct pci_tree *tree, const char *label,
			const void *session, bool new_only, const struct assignments *had,
			struct assignments *assignments);

/* Would policy_claim find something, if groups did not matter? */
bool policy_wants(const struct policy *policy, const struct pci_tree *tree, const char *label,
		  bool new_only);
/* Whether a rule means the function, whoever has it; with those for what is moved, or without. */
bool policy_means(const struct policy *policy, const struct pci_function *function, bool moved);

#endif
