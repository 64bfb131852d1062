/* SPDX-License-Identifier: MIT */
/* A move is what happens when a device leaves its slot and comes into another, without slots. */
#include "pci_move.h"

#include <stdio.h>
#include <string.h>

#include "alarm.h"
#include "hardware.h"
#include "label.h"
#include "pci_await.h"
#include "pci_life.h"

bool pci_move_together(const struct pci_server *server, const struct pci_function *one,
		       const struct pci_function *other)
{
	return one == other || (server->dma->isolates && one->group == other->group &&
				!other->absent && policy_assignable(other));
}

/* What it may still have of another component must not come along unless the new one accepts it. */
static bool is_clean(const struct pci_function *function, const char *component)
{
	const struct pci_session *owner = function->owner;
	bool had = owner ? !label_is_of(owner->label, component) :
			   pci_function_kept_from(function, component);

	return function->resets || !had;
}

static bool accepts(const struct policy *policy, const struct pci_function *function,
		    const char *component)
{
	return policy_means(policy, function, true) &&
	       (policy->used_devices || is_clean(function, component));
}

static purlin_s64 check(const struct pci_server *server, const struct pci_function *function,
			const char *component)
{
	purlin_s64 status = PURLIN_AGAIN;

	if (function->quarantined || function->gone || function->leaving)
		return PURLIN_BUSY;
	for (const struct pci_session *session = server->sessions; session;
	     session = session->next) {
		if (session->ending || !label_is_of(session->label, component))
			continue;
		if (accepts(&session->policy, function, component))
			return PURLIN_OK;
		status = PURLIN_NO_RIGHT;
	}
	for (const struct pci_awaiting *entry = server->awaiting; entry; entry = entry->next) {
		if (!label_is_of(entry->label, component))
			continue;
		if (accepts(&entry->policy, function, component))
			return PURLIN_OK;
		status = PURLIN_NO_RIGHT;
	}
	return status;
}

static void reserve(struct pci_function *function, const char *component)
{
	const struct pci_session *owner = function->owner;
	char text[64];

	strncpy(function->reserved_for, component, sizeof(function->reserved_for) - 1);
	snprintf(text, sizeof(text), "is to be moved to '%s'", component);
	/* It has it, and is to keep it; if it was asked to give it back, it gets it again. */
	if (function->moving || (owner && label_is_of(owner->label, component)))
		return;
	pci_function_log(function, text);
	function->moving = true;
	function->give_back_by = hardware_time_ns() + PCI_LEAVING_TIME;
	pci_life_leaving(function);
}

purlin_s64 pci_move(struct pci_server *server, struct pci_function *function, const char *component)
{
	struct pci_tree *tree = &server->tree;
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < tree->count; i++)
		if (pci_move_together(server, function, &tree->function[i]))
			status = check(server, &tree->function[i], component);
	if (status)
		return status;
	for (unsigned int i = 0; i < tree->count; i++)
		if (pci_move_together(server, function, &tree->function[i]))
			reserve(&tree->function[i], component);
	server->changes++;
	resource_notify(server->slots);
	return PURLIN_OK;
}

/* One that comes while another of its group is still somebody else's would be refused. */
static bool all_given_back(const struct pci_server *server, const struct pci_function *function)
{
	const struct pci_tree *tree = &server->tree;

	for (unsigned int i = 0; i < tree->count; i++)
		if (pci_move_together(server, function, &tree->function[i]) &&
		    tree->function[i].moving && tree->function[i].owner)
			return false;
	return true;
}

static void look_at_owned(struct pci_function *function)
{
	if (!function->give_back_by || hardware_time_ns() < function->give_back_by)
		return;
	function->give_back_by = 0;
	pci_life_taken_away(function);
}

void pci_move_look(struct pci_server *server)
{
	struct pci_tree *tree = &server->tree;
	bool arrived = false;

	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (!function->moving)
			continue;
		if (function->owner) {
			look_at_owned(function);
		} else if (all_given_back(server, function)) {
			function->moving = false;
			function->arrived = true;
			arrived = true;
		}
	}
	if (!arrived)
		return;
	server->changes++;
	pci_life_arrived(server);
}

uint64_t pci_move_deadline(const struct pci_server *server)
{
	uint64_t next = ALARM_NEVER;

	for (unsigned int i = 0; i < server->tree.count; i++) {
		const struct pci_function *function = &server->tree.function[i];

		if (function->moving && function->owner && function->give_back_by &&
		    function->give_back_by < next)
			next = function->give_back_by;
	}
	return next;
}
