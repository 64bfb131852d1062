/* SPDX-License-Identifier: MIT */
/* The root task: starts init and serves the machine's resources. */
#include <stdio.h>

#include "boot_data.h"
#include "kept.h"
#include "opening.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "service.h"
#include "session.h"
#include "session/parent.h"
#include "start_init.h"

/* init asks for the end of the run where there is no platform component that could do better. */
static purlin_s64 end_of_run(purlin_u64 how)
{
	printf("init ends the run (%s): resetting the machine\n",
	       how == PARENT_EXIT_POWER_OFF ? "power-off" :
	       how == PARENT_EXIT_RESTART   ? "restart" :
					      "failure");
	return purlin_system_reset(PURLIN_SLOT_IO_PORTS);
}

static purlin_s64 parent_request(purlin_u64 endpoint, struct request *request)
{
	switch (request->operation) {
	case PARENT_OPEN:
		return session_create(endpoint, request);
	case SERVER_CLOSE:
		return session_close(request->word[0]);
	case PARENT_EXIT:
		return end_of_run(request->word[0]);
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct session *session;

	if (request->badge == SERVER_PARENT_BADGE)
		return parent_request(*(purlin_u64 *)context, request);
	/* The session was closed while this request waited. */
	session = session_find(request->badge);
	return session ? session->service->request(session, request) : PURLIN_DEAD;
}

static void signalled(void *context, purlin_u64 bits)
{
	(void)context;
	(void)bits;
	report_init();
}

int component_main(purlin_u64 argument)
{
	purlin_u64 endpoint = slot_reserve();
	purlin_u64 watch = slot_reserve();
	struct server server = { endpoint, handle, signalled, &endpoint, NULL };
	purlin_s64 status;

	slots_of_core();
	if (!boot_data_take(argument)) {
		printf("boot information does not fit this core\n");
		return 1;
	}
	kept_start();
	status = bundle_map();
	if (!status)
		status = purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint);
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, watch);
	if (!status)
		status = purlin_thread_bind_signal(PURLIN_SLOT_THREAD, watch);
	if (!status)
		status = start_init(endpoint, watch);
	if (status) {
		printf("cannot start init: %s\n", status_text(status));
		return 1;
	}
	server_loop(&server);
	return 1;
}
