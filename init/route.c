/* SPDX-License-Identifier: MIT */
/* Sessions between components: who may open which, waiting for servers, closing. */
#include <stdio.h>
#include <string.h>

#include "init.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/pci.h"

#define SERVICE_WORDS (PARENT_SERVICE_BYTES / 8)
#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)

/* Slot of a server's endpoint for a service, or 0. */
static purlin_u64 announced(const struct component *server, const char *service)
{
	for (unsigned int i = 0; i < server->announced_count; i++) {
		if (!strcmp(server->announced[i].service, service))
			return server->announced[i].endpoint;
	}
	return 0;
}

/*
 * A copy of the server's endpoint: the original goes away when the server ends. Waits on
 * `changed` (unless 0) until the server has announced the service.
 */
static purlin_s64 find_server(struct component *server, const char *service, purlin_u64 changed,
			      purlin_u64 *endpoint, purlin_u64 *generation)
{
	purlin_u64 bits, original;
	enum component_state state;
	purlin_s64 status = PURLIN_DEAD;

	for (;;) {
		lock_acquire(&state_lock);
		original = announced(server, service);
		state = server->state;
		*generation = server->generation;
		if (original)
			status = slot_copy(original, PURLIN_RIGHT_ALL, 0, endpoint);
		lock_release(&state_lock);
		if (original || state == COMPONENT_ENDED || !changed)
			return status;
		if (purlin_signal_wait(changed, &bits))
			return PURLIN_DEAD;
	}
}

static unsigned int put_pci_policy(const struct component_description *component)
{
	purlin_u64 *word = &message()->word[LABEL_WORDS];

	word[0] = component->trusted_dma ? PCI_POLICY_TRUSTED_DMA : 0;
	word[1] = component->pci_rule_count;
	for (unsigned int i = 0; i < component->pci_rule_count; i++) {
		const struct description_pci_rule *rule = &component->pci_rules[i];

		word[2 + 2 * i] = rule->kind;
		word[3 + 2 * i] = rule->value | (purlin_u64)rule->mask << 32;
	}
	return 2 + 2 * component->pci_rule_count;
}

static purlin_s64 open_at(purlin_u64 endpoint, const struct component_description *component,
			  const char *service, const char *label, const purlin_u64 *arguments,
			  unsigned int count, purlin_u64 *slot)
{
	char full_label[PARENT_LABEL_BYTES];
	unsigned int most = PURLIN_MESSAGE_WORDS - LABEL_WORDS;

	snprintf(full_label, sizeof(full_label), "%s/%s", component->name, label);
	message_put_text(0, PARENT_LABEL_BYTES, full_label);
	if (!strcmp(service, "PCI")) {
		count = put_pci_policy(component);
	} else {
		count = count < most ? count : most;
		memcpy(&message()->word[LABEL_WORDS], arguments, count * sizeof(*arguments));
	}
	return rpc_receive(endpoint, SERVER_OPEN, LABEL_WORDS + count, slot);
}

static purlin_s64 open_routed(struct component *component, int server, const char *service,
			      const char *label, const purlin_u64 *arguments, unsigned int count,
			      struct open_session *session, purlin_u64 *slot)
{
	purlin_u64 endpoint;
	purlin_s64 status;

	session->server = server;
	session->generation = 0;
	strcpy(session->service, service);
	if (server == DESCRIPTION_CORE) {
		status = core_open(component, service, slot);
	} else {
		status = find_server(&components[server], service, component->changed, &endpoint,
				     &session->generation);
		if (status)
			return status;
		status = open_at(endpoint, component->description, service, label, arguments, count,
				 slot);
		slot_delete(endpoint);
	}
	session->badge = message()->word[0];
	return status;
}

/* They go into log lines, which nobody else is to write. */
static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

purlin_s64 route_open(struct component *component, const char *service, const char *label,
		      const purlin_u64 *arguments, unsigned int argument_count, purlin_u64 *slot)
{
	int server = description_server(component->description, service);
	purlin_s64 status;

	if (!printable(service) || !printable(label))
		return PURLIN_BAD_ARGUMENT;
	if (server == DESCRIPTION_NONE) {
		report(component, "no route for %s in the system description", service);
		return PURLIN_NO_RIGHT;
	}
	if (strlen(label) >= DESCRIPTION_NAME_BYTES)
		return PURLIN_BAD_ARGUMENT;
	if (component->session_count == MOST_SESSIONS)
		return PURLIN_NO_MEMORY;
	status = open_routed(component, server, service, label, arguments, argument_count,
			     &component->sessions[component->session_count], slot);
	if (!status)
		component->session_count++;
	return status;
}

/* A server that was started anew since knows nothing of the session. */
static void close_session(const struct open_session *session)
{
	purlin_u64 endpoint = PURLIN_SLOT_PARENT, generation;

	if (session->server != DESCRIPTION_CORE) {
		if (find_server(&components[session->server], session->service, 0, &endpoint,
				&generation))
			return;
		if (generation != session->generation) {
			slot_delete(endpoint);
			return;
		}
	}
	message()->word[0] = session->badge;
	rpc(endpoint, SERVER_CLOSE, 1);
	if (session->server != DESCRIPTION_CORE)
		slot_delete(endpoint);
}

/* In the order opposite to opening. */
void route_close_all(struct component *component)
{
	while (component->session_count)
		close_session(&component->sessions[--component->session_count]);
}

purlin_s64 route_announce(struct component *component, const char *service, purlin_u64 endpoint)
{
	const struct component_description *wanted = component->description;
	unsigned int i = 0;
	purlin_s64 status = PURLIN_OK;

	if (!printable(service))
		return PURLIN_BAD_ARGUMENT;
	while (i < wanted->provide_count && strcmp(wanted->provides[i], service))
		i++;
	if (i == wanted->provide_count) {
		report(component, "announces %s, which its description does not say it provides",
		       service);
		return PURLIN_NO_RIGHT;
	}
	lock_acquire(&state_lock);
	if (announced(component, service)) {
		status = PURLIN_BUSY;
	} else {
		struct announced *entry = &component->announced[component->announced_count++];

		strcpy(entry->service, service);
		entry->endpoint = endpoint;
	}
	lock_release(&state_lock);
	tell_all();
	return status;
}

void route_withdraw(struct component *component)
{
	lock_acquire(&state_lock);
	while (component->announced_count)
		slot_delete(component->announced[--component->announced_count].endpoint);
	/* Whoever needs the services waits until it is known whether it comes back. */
	component->state = COMPONENT_STARTING;
	lock_release(&state_lock);
}

purlin_s64 route_open_own(int server, const char *service, purlin_u64 *slot)
{
	static const struct component_description self = { .name = "init" };
	purlin_u64 endpoint, generation;
	purlin_s64 status = find_server(&components[server], service, 0, &endpoint, &generation);

	if (status)
		return status;
	status = open_at(endpoint, &self, service, service, NULL, 0, slot);
	slot_delete(endpoint);
	return status;
}

void route_flush(unsigned int server)
{
	const struct component_description *wanted = &description.components[server];
	purlin_u64 endpoint, generation;

	if (find_server(&components[server], wanted->provides[0], 0, &endpoint, &generation))
		return;
	rpc(endpoint, SERVER_FLUSH, 0);
	slot_delete(endpoint);
}
