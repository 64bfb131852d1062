/* SPDX-License-Identifier: MIT */
/* DMA: pins of memory that devices reach. They are core's, and so survive the platform component.
 */
#include "claims.h"
#include "purlin/calls.h"
#include "runtime/slots.h"
#include "service.h"
#include "session/dma.h"

/* A pin can keep pages from ever being used again. So only a component with `hardware` may make
 * one. */
static purlin_s64 dma_open(struct session *session, struct request *request,
			   const purlin_u64 *argument)
{
	(void)request;
	session->grant_all = argument[0] & CORE_GRANT_ALL;
	return session->grant_all ? PURLIN_OK : PURLIN_NO_RIGHT;
}

/* The memory is pinned before its address is asked for, so that the address stays its own. */
static purlin_s64 pin(struct session *session, struct request *request)
{
	purlin_u64 slot = request->cap[0], pages, physical = 0, type, rights, badge;
	purlin_s64 status;

	if (!request->caps || !slot)
		return PURLIN_BAD_CAPABILITY;
	status = purlin_memory_pin(slot);
	if (status)
		return status;
	status = purlin_memory_info(slot, &pages, &physical);
	if (!status)
		status = purlin_cap_info(slot, &type, &rights, &badge);
	if (!status)
		status = claim_note(session, slot, &request->reply[0]);
	if (status) {
		(void)purlin_memory_unpin(slot);
		return status;
	}
	request->cap[0] = 0; /* kept */
	request->reply[1] = physical;
	request->reply[2] = pages;
	request->reply[3] = rights;
	request->reply_words = 4;
	return PURLIN_OK;
}

static purlin_s64 dma_request(struct session *session, struct request *request)
{
	switch (request->operation) {
	case DMA_PIN:
		return pin(session, request);
	case DMA_UNPIN:
		return claim_release(session, request->word[0]);
	default:
		return PURLIN_BAD_CALL;
	}
}

static void unpin(purlin_u64 slot)
{
	(void)purlin_memory_unpin(slot);
}

const struct service service_dma = {
	.open = dma_open,
	.request = dma_request,
	.give_back = unpin,
};
