/* SPDX-License-Identifier: MIT */
/* Serves Meter sessions, one for each label. */
#include <stdio.h>
#include <string.h>

#include "meter.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

#define METERS 2

static struct meter {
	char label[PARENT_LABEL_BYTES + 1];
	purlin_u64 memory, client_signal;
	volatile struct meter_shared *shared; /* NULL: not started */
	bool told;
} meters[METERS];
static unsigned int opened;
static purlin_u64 endpoint, own_signal;

static purlin_s64 open(struct request *request)
{
	purlin_u64 slot, badge = SERVER_PARENT_BADGE + 1 + opened;

	if (opened == METERS || server_badge(endpoint, badge, &slot))
		return PURLIN_NO_MEMORY;
	memcpy(meters[opened++].label, request->word, PARENT_LABEL_BYTES);
	request_reply_word(request, badge);
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

static purlin_s64 parent_request(struct request *request)
{
	switch (request->operation) {
	case SERVER_OPEN:
		return open(request);
	case SERVER_CLOSE:
	case SERVER_FLUSH:
		return PURLIN_OK;
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 start(struct meter *meter, struct request *request)
{
	purlin_u64 memory, signal;
	void *shared;
	purlin_s64 status = request_signal_check(request);

	if (!status)
		status = memory_new_mapped(METER_PAGES, PURLIN_MEMORY_CONTIGUOUS, &meter->memory,
					   &shared);
	if (!status)
		status = slot_copy(meter->memory, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0,
				   &memory);
	if (!status)
		status = slot_copy(own_signal, PURLIN_RIGHT_WRITE, 1, &signal);
	if (status)
		return status;
	meter->client_signal = request->cap[0];
	request->cap[0] = 0; /* kept */
	meter->shared = shared;
	request_reply_cap(request, memory, true);
	request_reply_cap(request, signal, true);
	return PURLIN_OK;
}

static purlin_s64 handle(void *context, struct request *request)
{
	purlin_u64 index = request->badge - SERVER_PARENT_BADGE - 1;

	(void)context;
	if (request->badge == SERVER_PARENT_BADGE)
		return parent_request(request);
	if (index >= opened || request->operation != METER_START || meters[index].shared)
		return PURLIN_BAD_CALL;
	return start(&meters[index], request);
}

static void look(struct meter *meter)
{
	purlin_u64 reading = meter->shared->reading;

	if (reading && !meter->shared->bill) {
		printf("%s: reading %lu\n", meter->label, reading);
		meter->shared->bill = METER_BILL(reading);
		purlin_signal_notify(meter->client_signal, ~0ull);
	}
	if (meter->shared->paid && !meter->told) {
		printf("%s: paid\n", meter->label);
		meter->told = true;
	}
}

static void signalled(void *context, purlin_u64 bits)
{
	(void)context;
	(void)bits;
	for (unsigned int i = 0; i < opened; i++)
		if (meters[i].shared)
			look(&meters[i]);
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle, .signalled = signalled };

	(void)argument;
	endpoint = slot_reserve();
	own_signal = slot_reserve();
	if (purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, own_signal) ||
	    purlin_thread_bind_signal(PURLIN_SLOT_THREAD, own_signal) ||
	    session_announce("Meter", endpoint))
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
