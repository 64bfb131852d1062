/* SPDX-License-Identifier: MIT */
/* What most servers do before they serve. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"

purlin_s64 server_announce(const char *service, purlin_u64 *endpoint)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, slot);

	if (!status)
		status = session_announce(service, slot);
	if (!status)
		*endpoint = slot;
	else
		slot_delete(slot);
	return status;
}
