/* SPDX-License-Identifier: MIT */
/* Broker: device sessions whose server is a Linux. It keeps them while that Linux is started anew.
 */
#include <string.h>

#include "clients.h"
#include "offers.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

/* Badges of the two endpoints that init has; sessions have those above. */
#define OFFERS_BADGE SERVER_PARENT_BADGE
#define CLIENTS_BADGE (SERVER_PARENT_BADGE + 1)
#define TIMER_BIT 1

static purlin_u64 endpoint, next_badge = CLIENTS_BADGE + 1;
static bool announced; /* what clients open */

static purlin_s64 announce(const char *service, purlin_u64 badge)
{
	purlin_u64 copy;
	purlin_s64 status = server_badge(endpoint, badge, &copy);

	if (status)
		return status;
	message_put_text(0, PARENT_SERVICE_BYTES, service);
	status = rpc_send(PURLIN_SLOT_PARENT, PARENT_ANNOUNCE, PARENT_SERVICE_BYTES / 8, copy);
	slot_delete(copy);
	return status;
}

/* Each service once, though several devices may have it. */
static bool named_before(unsigned int number)
{
	for (unsigned int i = 0; i < number; i++)
		if (!strcmp(device_at(i)->service, device_at(number)->service))
			return true;
	return false;
}

/*
 * Before all devices are there, clients wait at init: nobody is refused a disk because Linux has
 * only just begun to look for it. What is still missing when the time is over stays missing.
 */
static void announce_when_complete(void)
{
	if (announced || !offers_complete())
		return;
	announced = true;
	for (unsigned int i = 0; i < devices_count(); i++)
		if (!named_before(i) && announce(device_at(i)->service, CLIENTS_BADGE))
			component_panic("%s is not in provides", device_at(i)->service);
}

static purlin_s64 parent_request(struct request *request)
{
	bool offers = request->badge == OFFERS_BADGE;

	switch (request->operation) {
	case SERVER_OPEN:
		return offers ? offers_open(request, endpoint, next_badge++) :
				client_open(request, endpoint, next_badge++);
	case SERVER_CLOSE:
		return offers ? offers_close(request) : client_close(request);
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct device *device;
	struct linux *linux;
	purlin_s64 status;

	(void)context;
	if (request->badge == OFFERS_BADGE || request->badge == CLIENTS_BADGE)
		return parent_request(request);
	linux = linux_of_badge(request->badge);
	if (linux) {
		status = offers_request(linux, request);
		announce_when_complete();
		return status;
	}
	device = device_of_session(request->badge);
	return device ? client_request(device, request) : PURLIN_DEAD;
}

static void signalled(void *context, purlin_u64 bits)
{
	(void)context;
	(void)bits;
	offers_late();
	announce_when_complete();
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle, .signalled = signalled };
	const char *problem = devices_read();
	purlin_u64 signal = slot_reserve();

	(void)argument;
	if (problem)
		component_panic("%s", problem);
	endpoint = slot_reserve();
	if (purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal) ||
	    purlin_thread_bind_signal(PURLIN_SLOT_THREAD, signal) ||
	    purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    offers_prepare(signal, TIMER_BIT) || announce("Offer", OFFERS_BADGE))
		component_panic("cannot be set up");
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
