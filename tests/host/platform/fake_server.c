/* SPDX-License-Identifier: MIT */
/* The part of the server loop that request handlers use. */
#include "runtime/server.h"

void request_reply_cap(struct request *request, purlin_u64 slot, bool temporary)
{
	request->reply_cap[request->reply_caps].slot = slot;
	request->reply_cap[request->reply_caps].temporary = temporary;
	request->reply_caps++;
}
