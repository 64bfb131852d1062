/* SPDX-License-Identifier: MIT */
/*
 * Who serves what. init opens and closes PCI sessions at one endpoint, with as many threads as it
 * asks at a time, since a device may take a second to be taken or given back. Power and Devices
 * have an endpoint and a thread of their own each: the machine's end waits for nobody. Sessions:
 * serving.h. Badges of sessions are never used again, so that a capability left over from a session
 * names nothing.
 */
#include "service.h"

#include <stdio.h>

#include "acpi.h"
#include "devices_session.h"
#include "interrupt_watch.h"
#include "pci_await.h"
#include "pci_faults.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "serving.h"
#include "session/power.h"
#include "slot_watch.h"
#include "turn.h"

#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)
#define OPENERS 4	      /* as many questions init asks a server at a time */
#define BADGE_PLAIN 2	      /* beside SERVER_PARENT_BADGE */
#define BADGE_FIRST_SESSION 2 /* likewise */

static struct service {
	struct pci_server *pci;
	purlin_u64 pci_endpoint;
	purlin_u64 power_endpoint;
	purlin_u64 devices_endpoint;
	purlin_u64 next_badge;
	purlin_u64 last_viewer; /* badge of a session of Devices that does not see everything */
} service;

static purlin_s64 reply_session(struct request *request, purlin_u64 endpoint, purlin_u64 badge)
{
	purlin_u64 slot;
	purlin_s64 status = server_badge(endpoint, badge, &slot);

	if (status)
		return status;
	request_reply_word(request, badge);
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

/* The badge is taken before the first pause, or two that are opened at a time would have one. */
static purlin_s64 open_pci(struct request *request)
{
	char label[PARENT_LABEL_BYTES + 1];
	purlin_u64 badge = service.next_badge++;
	struct pci_session *session;
	purlin_s64 status;

	if (request->words < LABEL_WORDS)
		return PURLIN_BAD_ARGUMENT;
	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	status = pci_session_new(service.pci, badge, label, &request->word[LABEL_WORDS],
				 request->words - LABEL_WORDS, &session);
	if (status)
		return status;
	/* The thread first: when devices begin, there is already somebody to end the session. */
	status = serving_begin(service.pci, session);
	if (status) {
		pci_session_end(service.pci, session);
		return status;
	}
	status = pci_session_start(session);
	/* It may have paused, while others have seen it with fewer devices. */
	service.pci->changes++;
	if (!status)
		status = reply_session(request, session->endpoint, badge);
	if (status)
		serving_end(session);
	return status;
}

static purlin_s64 await_pci(struct request *request)
{
	char label[PARENT_LABEL_BYTES + 1];

	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	return pci_await(service.pci, label, request);
}

static purlin_s64 close_pci(purlin_u64 badge)
{
	struct pci_session *session = pci_session_find(service.pci, badge);

	/* Its own thread ends it while this one waits: after the reply nothing of it is left. */
	if (!session)
		return PURLIN_BAD_ARGUMENT;
	serving_end(session);
	return PURLIN_OK;
}

static purlin_s64 pci_parent_request(struct request *request)
{
	switch (request->operation) {
	case SERVER_OPEN:
		return open_pci(request);
	case SERVER_CLOSE:
		return close_pci(request->word[0]);
	case PCI_AWAIT:
		return await_pci(request);
	default:
		return PURLIN_BAD_CALL;
	}
}

/* Of services whose sessions have no state: all have one badge. */
static purlin_s64 plain_parent_request(struct request *request, purlin_u64 endpoint)
{
	/* All who may have power share one badge: there is nothing to tell them apart by. */
	switch (request->operation) {
	case SERVER_OPEN:
		return reply_session(request, endpoint, BADGE_PLAIN);
	case SERVER_CLOSE:
		return PURLIN_OK;
	default:
		return PURLIN_BAD_CALL;
	}
}

/* Those who see everything share a badge; others have one each, by which they are found. */
static purlin_s64 open_devices(struct request *request)
{
	unsigned int words = request->words > LABEL_WORDS ? request->words - LABEL_WORDS : 0;
	struct devices_viewer *viewer;
	purlin_u64 badge = BADGE_PLAIN;
	purlin_s64 status = devices_open(&request->word[LABEL_WORDS], words, &viewer);

	if (status)
		return status;
	if (viewer)
		badge = ++service.last_viewer;
	status = reply_session(request, service.devices_endpoint, badge);
	if (viewer && !status)
		viewer->badge = badge;
	return status;
}

static purlin_s64 close_devices(purlin_u64 badge)
{
	struct devices_viewer *viewer = devices_viewer(badge);

	if (viewer)
		viewer->badge = 0;
	return PURLIN_OK;
}

static purlin_s64 devices_parent_request(struct request *request)
{
	switch (request->operation) {
	case SERVER_OPEN:
		return open_devices(request);
	case SERVER_CLOSE:
		return close_devices(request->word[0]);
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 devices_session_request(struct request *request)
{
	const struct devices_viewer *viewer = NULL;

	if (request->badge != BADGE_PLAIN) {
		viewer = devices_viewer(request->badge);
		/* Left over from a session that was closed. */
		if (!viewer)
			return PURLIN_DEAD;
	}
	return devices_request(service.pci, viewer, request);
}

/*
 * Whoever works for a session finishes first, or pauses and stays there: nothing is half written
 * when the machine goes.
 */
static purlin_s64 power_request(const struct request *request)
{
	switch (request->operation) {
	case POWER_OFF:
		acpi_power_off();
		return PURLIN_NO_DEVICE;
	case POWER_RESET:
		acpi_reset_machine();
		return PURLIN_NO_DEVICE;
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 handle_pci(void *context, struct request *request)
{
	purlin_s64 status;

	(void)context;
	turn_take();
	status = pci_parent_request(request);
	turn_give();
	return status;
}

static purlin_s64 handle_power(void *context, struct request *request)
{
	purlin_s64 status;

	(void)context;
	turn_take();
	status = request->badge == BADGE_PLAIN ?
			 power_request(request) :
			 plain_parent_request(request, service.power_endpoint);
	turn_give();
	return status;
}

static purlin_s64 handle_devices(void *context, struct request *request)
{
	purlin_s64 status;

	(void)context;
	turn_take();
	status = request->badge == SERVER_PARENT_BADGE ? devices_parent_request(request) :
							 devices_session_request(request);
	turn_give();
	return status;
}

static void serve_pci(void *argument)
{
	struct server loop = { .endpoint = service.pci_endpoint, .handle = handle_pci };

	(void)argument;
	server_loop(&loop);
}

static void serve_power(void *argument)
{
	struct server loop = { .endpoint = service.power_endpoint, .handle = handle_power };

	(void)argument;
	server_loop(&loop);
}

static void serve_devices(void *argument)
{
	struct server loop = { .endpoint = service.devices_endpoint, .handle = handle_devices };

	(void)argument;
	server_loop(&loop);
}

/* The caller is the first of those that open. */
static purlin_s64 add_threads(purlin_u64 component)
{
	purlin_s64 status = turn_spawn(serve_power, NULL, component);

	if (!status)
		status = turn_spawn(serve_devices, NULL, component);
	for (unsigned int i = 1; !status && i < OPENERS; i++)
		status = turn_spawn(serve_pci, NULL, component);
	return status;
}

static purlin_s64 create_endpoints(void)
{
	purlin_u64 *const endpoints[] = { &service.pci_endpoint, &service.power_endpoint,
					  &service.devices_endpoint };
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < 3; i++) {
		*endpoints[i] = slot_reserve();
		status = purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, *endpoints[i]);
	}
	return status;
}

/* Devices is for those who want to look: a description may leave it out. */
static purlin_s64 announce(void)
{
	purlin_s64 status = session_announce("PCI", service.pci_endpoint);

	if (!status)
		status = session_announce("Power", service.power_endpoint);
	if (!status)
		(void)session_announce("Devices", service.devices_endpoint);
	return status;
}

void service_run(struct pci_server *server, purlin_u64 component)
{
	purlin_s64 status;

	service.pci = server;
	service.next_badge = BADGE_FIRST_SESSION;
	service.last_viewer = BADGE_PLAIN;
	serving_start(component);
	status = create_endpoints();
	if (!status)
		status = add_threads(component);
	if (!status)
		status = pci_faults_watch(server, component);
	if (!status)
		status = interrupt_watch_start(server, component);
	if (!status)
		status = slot_watch_start(server, component);
	/* Last: core and init take the announcement for the word that every function is silent. */
	if (!status)
		status = announce();
	if (status)
		component_panic("cannot announce PCI and Power");
	/* Held since the start, so that no request came before all was ready. */
	turn_give();
	serve_pci(NULL);
}
