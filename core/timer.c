/* SPDX-License-Identifier: MIT */
/* Timer: an alarm for each session. */
#include "boot_data.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/slots.h"
#include "service.h"
#include "session/timer.h"

static purlin_s64 start(struct session *session, struct request *request)
{
	purlin_u64 slot;
	purlin_s64 status;

	if (session->timer)
		return PURLIN_BUSY;
	status = request_signal_check(request);
	if (status)
		return status;
	slot = slot_reserve();
	status = purlin_timer_create(PURLIN_SLOT_ACCOUNT, slot);
	if (status) {
		slot_release(slot);
		return status;
	}
	session->timer = slot;
	session->signal = request->cap[0];
	request->cap[0] = 0;
	return PURLIN_OK;
}

static purlin_s64 timer_request(struct session *session, struct request *request)
{
	switch (request->operation) {
	case TIMER_INFO:
		request->reply[0] = boot_info->tsc_hz;
		request->reply[1] = tsc_now();
		request->reply_words = 2;
		return PURLIN_OK;
	case TIMER_START:
		return start(session, request);
	case TIMER_SET:
		/* All bits: the badge of the client's signal selects. */
		return session->timer ? purlin_timer_set(session->timer, request->word[0],
							 session->signal, ~0ull) :
					PURLIN_BUSY;
	default:
		return PURLIN_BAD_CALL;
	}
}

static void timer_close(struct session *session)
{
	if (!session->timer)
		return;
	purlin_object_destroy(session->timer);
	slot_delete(session->timer);
	slot_delete(session->signal);
}

const struct service service_timer = { .request = timer_request, .close = timer_close };
