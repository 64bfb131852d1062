/* SPDX-License-Identifier: MIT */
/*
 * One endpoint takes what init and the clients send; badges tell who speaks. Badges of sessions
 * are never used again, so that a capability left over from a session names nothing.
 */
#include "service.h"

#include <stdio.h>

#include "acpi.h"
#include "pci_requests.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/system.h"

#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)
#define BADGE_POWER_PARENT 2 /* init, for Power; SERVER_PARENT_BADGE for PCI */
#define BADGE_POWER 3
#define BADGE_FIRST_SESSION 16

struct service {
	struct pci_server *pci;
	purlin_u64 endpoint;
	purlin_u64 next_badge;
};

static purlin_s64 reply_session(struct service *service, struct request *request, purlin_u64 badge)
{
	purlin_u64 slot;
	purlin_s64 status = server_badge(service->endpoint, badge, &slot);

	if (status)
		return status;
	request->reply[0] = badge;
	request->reply_words = 1;
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

static purlin_s64 open_pci(struct service *service, struct request *request)
{
	char label[PARENT_LABEL_BYTES + 1];
	purlin_u64 badge = service->next_badge;
	purlin_s64 status;

	if (request->words < LABEL_WORDS)
		return PURLIN_BAD_ARGUMENT;
	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	status = pci_session_open(service->pci, badge, label, &request->word[LABEL_WORDS],
				  request->words - LABEL_WORDS);
	if (status)
		return status;
	status = reply_session(service, request, badge);
	if (status)
		(void)pci_session_close(service->pci, badge);
	else
		service->next_badge++;
	return status;
}

static purlin_s64 parent_request(struct service *service, struct request *request)
{
	switch (request->operation) {
	case SERVER_OPEN:
		return open_pci(service, request);
	case SERVER_CLOSE:
		return pci_session_close(service->pci, request->word[0]) ? PURLIN_OK :
									   PURLIN_BAD_ARGUMENT;
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 power_parent_request(struct service *service, struct request *request)
{
	switch (request->operation) {
	case SERVER_OPEN:
		return reply_session(service, request, BADGE_POWER);
	case SERVER_CLOSE:
		return PURLIN_OK;
	default:
		return PURLIN_BAD_CALL;
	}
}

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

static purlin_s64 handle(void *context, struct request *request)
{
	struct service *service = context;
	struct pci_session *session;

	if (request->badge == SERVER_PARENT_BADGE)
		return parent_request(service, request);
	if (request->badge == BADGE_POWER_PARENT)
		return power_parent_request(service, request);
	if (request->badge == BADGE_POWER)
		return power_request(request);
	session = pci_session_find(service->pci, request->badge);
	return session ? pci_request(service->pci, session, request) : PURLIN_DEAD;
}

/* session_announce marks with one badge; Power has another. */
static purlin_s64 announce_power(purlin_u64 endpoint)
{
	purlin_u64 copy;
	purlin_s64 status = server_badge(endpoint, BADGE_POWER_PARENT, &copy);

	if (status)
		return status;
	message_put_text(0, PARENT_SERVICE_BYTES, "Power");
	status = rpc_send(PURLIN_SLOT_PARENT, PARENT_ANNOUNCE, PARENT_SERVICE_BYTES / 8, copy);
	slot_delete(copy);
	return status;
}

void service_run(struct pci_server *server)
{
	struct service service = { .pci = server, .next_badge = BADGE_FIRST_SESSION };
	struct server loop = { .handle = handle, .context = &service };
	purlin_s64 status;

	service.endpoint = slot_reserve();
	status = purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, service.endpoint);
	if (!status)
		status = session_announce("PCI", service.endpoint);
	if (!status)
		status = announce_power(service.endpoint);
	if (status)
		component_panic("cannot announce PCI and Power");
	loop.endpoint = service.endpoint;
	server_loop(&loop);
}
