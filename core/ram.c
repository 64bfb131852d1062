/* SPDX-License-Identifier: MIT */
/* RAM: memory that an account of the client's pays for. */
#include "claims.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "service.h"
#include "session/ram.h"

static purlin_s64 take_account(struct session *session, struct request *request,
			       const purlin_u64 *argument)
{
	(void)argument;
	if (!request->caps || !request->cap[0])
		return PURLIN_BAD_CAPABILITY;
	session->account = request->cap[0];
	request->cap[0] = 0; /* kept */
	return PURLIN_OK;
}

static void ram_close(struct session *session)
{
	slot_delete(session->account);
}

static purlin_s64 allocate(struct session *session, struct request *request)
{
	static const struct range nothing; /* RAM is not claimed by address: no overlap */
	purlin_u64 slot;
	purlin_s64 status;

	if (!claim_possible(session))
		return PURLIN_NO_MEMORY;
	status = memory_new(session->account, request->word[0], request->word[1], &slot);
	return status ? status : claim_add(session, nothing, slot, request);
}

static purlin_s64 ram_request(struct session *session, struct request *request)
{
	switch (request->operation) {
	case RAM_ALLOCATE:
		return allocate(session, request);
	case RAM_FREE:
		return claim_release(session, request->word[0]);
	case RAM_INFO:
		request->reply_words = 2;
		return purlin_account_info(session->account, &request->reply[0],
					   &request->reply[1]);
	default:
		return PURLIN_BAD_CALL;
	}
}

const struct service service_ram = {
	.open = take_account,
	.request = ram_request,
	.close = ram_close,
};
