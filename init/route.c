/* SPDX-License-Identifier: MIT */
/* Sessions between components: who may open which, waiting for servers, announcing. */
#include "route.h"

#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "control.h"
#include "core_sessions.h"
#include "report.h"
#include "session_table.h"
#include "wait.h"
#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/devices.h"
#include "session/pci.h"

#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)
_Static_assert(LABEL_WORDS + 1 + DEVICES_NAMES * DEVICES_NAME_WORDS <= PURLIN_MESSAGE_WORDS, "fit");
_Static_assert(DEVICES_NAME_WORDS * 8 == DESCRIPTION_NAME_BYTES, "a name");

/* The devices that the description gives the component, in place of arguments of its own. */
static unsigned int put_pci_policy(purlin_u64 *word, const struct component_description *component)
{
	word[0] = component->trusted_dma ? PCI_POLICY_TRUSTED_DMA : 0;
	word[0] |= component->used_devices ? PCI_POLICY_USED : 0;
	word[0] |= (purlin_u64)component->cpu << PCI_POLICY_PROCESSOR;
	word[1] = component->pci_rule_count;
	for (unsigned int i = 0; i < component->pci_rule_count; i++) {
		const struct description_pci_rule *rule = &component->pci_rules[i];

		word[2 + 2 * i] = rule->kind;
		word[3 + 2 * i] = rule->value | (purlin_u64)rule->mask << 32;
	}
	return 2 + 2 * component->pci_rule_count;
}

static void put_name(purlin_u64 *word, const char *name)
{
	memset(word, 0, DEVICES_NAME_WORDS * sizeof(*word));
	strncpy((char *)word, name, DESCRIPTION_NAME_BYTES);
}

/* Whose devices it may see: its own, and those of whom it has control. */
static unsigned int put_control(purlin_u64 *word, const struct component_description *component)
{
	unsigned int count = 0, others = SHOWN(component->control_count);

	if (!others) {
		word[0] = DEVICES_ALL;
		return 1;
	}
	put_name(&word[1 + DEVICES_NAME_WORDS * count++], component->name);
	/* The description has been refused if there were more. Added ones have no devices. */
	for (unsigned int i = 0; i < others && count < DEVICES_NAMES; i++)
		put_name(&word[1 + DEVICES_NAME_WORDS * count++],
			 description.components[component->control[i]].name);
	word[0] = count | (component->moves ? DEVICES_MAY_MOVE : 0);
	return 1 + DEVICES_NAME_WORDS * count;
}

void route_put_open(struct question *question, const struct component *component, const char *label,
		    const purlin_u64 *arguments, unsigned int count)
{
	const struct description_service *service = description_service(question->service);
	const struct component_description *wanted = component->description;
	purlin_u64 *word = &question->word[LABEL_WORDS];
	unsigned int most = PURLIN_MESSAGE_WORDS - LABEL_WORDS;

	/*
	 * init puts the component's name before its label, so that no client can pose as another.
	 */
	snprintf((char *)question->word, PARENT_LABEL_BYTES, "%s/%s", wanted->name, label);
	if (service && service->grants == GRANTS_PCI_RULES) {
		count = put_pci_policy(word, wanted);
	} else if (service && service->grants == GRANTS_CONTROL) {
		count = put_control(word, wanted);
	} else {
		count = count < most ? count : most;
		memcpy(word, arguments, count * sizeof(*arguments));
	}
	question->words = LABEL_WORDS + count;
	question->wanted = 1;
}

/*
 * If the server is started again between the wait and the question, the question finds no endpoint
 * (`generation` is 0 then): wait for it once more.
 */
static purlin_s64 ask_routed(struct component *component, struct question **question)
{
	int server = (*question)->server;
	purlin_s64 status;

	do {
		status = route_await_server(component, server, (*question)->service);
		if (!status)
			status = component_ask(component, question);
		else
			return status;
	} while (status == PURLIN_DEAD && *question && !(*question)->generation);
	return status;
}

static purlin_s64 open_routed(struct component *component, struct question **question,
			      purlin_u64 *slot)
{
	struct question *asked = *question;
	purlin_s64 status;

	if (asked->server == DESCRIPTION_CORE) {
		status = core_open(component, description_service(asked->service), slot);
		asked->badge = message()->word[0];
		return status;
	}
	status = ask_routed(component, question);
	if (status)
		return status;
	*slot = asked->received[0];
	asked->received[0] = 0;
	return PURLIN_OK;
}

/* Names go into init's log lines, which a component must not be able to fake. */
static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

void route_count(struct component *component, const struct question *session, int change)
{
	const struct description_service *service = description_service(session->service);

	component->session_count += (unsigned int)change;
	if (service &&
	    (service->delivery == DELIVERY_VIRTIO || service->delivery == DELIVERY_DEVICES))
		component->device_session_count += (unsigned int)change;
}

purlin_s64 route_open(struct component *component, const char *service, const char *label,
		      const purlin_u64 *arguments, unsigned int argument_count, purlin_u64 *slot)
{
	int server = description_server(component->description, service);
	struct question *question;
	purlin_s64 status;

	if (!printable(service) || !printable(label))
		return PURLIN_BAD_ARGUMENT;
	if (component->control.endpoint && !strcmp(service, DESCRIPTION_CONTROL))
		return control_open(component, slot);
	if (server == DESCRIPTION_NONE) {
		report_request(component, "no route for %s in the system description", service);
		return PURLIN_NO_RIGHT;
	}
	/*
	 * So that component and label fit into the server's label: a name that is cut off could be
	 * that of another.
	 */
	if (strlen(label) >= DESCRIPTION_NAME_BYTES)
		return PURLIN_BAD_ARGUMENT;
	if (component->session_count == MOST_SESSIONS)
		route_forget_dead(component);
	if (component->session_count == MOST_SESSIONS)
		return PURLIN_NO_MEMORY;
	/* It stays as the record of the session: what it was answered is needed to close it. */
	question = question_new(component, server, service, SERVER_OPEN);
	if (!question)
		return PURLIN_NO_MEMORY;
	route_put_open(question, component, label, arguments, argument_count);
	status = open_routed(component, &question, slot);
	/* An open session is remembered by its question, which can ask the server to close it. */
	if (!status) {
		question->next = component->sessions;
		component->sessions = question;
		route_count(component, question, 1);
		session_table_add(component, question, label);
	} else if (question) {
		question_free(question);
	}
	return status;
}

static purlin_s64 fill(struct question *question, purlin_u64 session, unsigned int sent,
		       const purlin_u64 *send)
{
	purlin_s64 status = question_at(question, session);

	for (unsigned int i = 0; !status && i < sent; i++)
		status = question_send(question, send[i]);
	return status;
}

purlin_s64 route_exchange(struct component *component, const char *service, purlin_u64 session,
			  purlin_u32 operation, unsigned int words, unsigned int sent,
			  const purlin_u64 *send, unsigned int wanted, purlin_u64 *received)
{
	struct question *question = question_new(
		component, description_server(component->description, service), service, operation);
	purlin_s64 status;

	if (!question)
		return PURLIN_NO_MEMORY;
	question->words = words;
	memcpy(question->word, message()->word, words * sizeof(*question->word));
	question->wanted = wanted;
	status = fill(question, session, sent, send);
	if (!status)
		status = component_ask(component, &question);
	/* Left to its worker, who is still waiting for the answer (component_ask). */
	if (!question)
		return status;
	memcpy(message()->word, question->word, sizeof(question->word));
	for (unsigned int i = 0; !status && i < wanted; i++) {
		received[i] = question->received[i];
		question->received[i] = 0;
	}
	question_free(question);
	return status;
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
		report_request(component,
			       "announces %s, which its description does not say it provides",
			       service);
		return PURLIN_NO_RIGHT;
	}
	/* All devices are silent (session/parent.h), and nobody has opened a session yet. */
	route_close_held(component);
	lock_acquire(&state_lock);
	if (announced_endpoint(component, service)) {
		/* A second endpoint would leave it open which of them sessions belong to. */
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
	/* Nobody has missed a life in which it announced nothing. */
	component->lives_lost += component->announced_count != 0;
	while (component->announced_count)
		slot_delete(component->announced[--component->announced_count].endpoint);
	/* Clients that need its services now wait until it is known whether it comes back. */
	component->state = COMPONENT_STARTING;
	lock_release(&state_lock);
	tell_all();
}
