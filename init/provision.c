/* SPDX-License-Identifier: MIT */
/* What the description gives a component beside sessions: rules, and memory that it keeps. */
#include "provision.h"

#include <string.h>

#include "runtime/memory.h"
#include "runtime/slots.h"

purlin_s64 provision_serves(const struct component *component, struct request *request)
{
	const struct component_description *wanted = component->description;

	if (request->word[0] >= wanted->serve_count)
		return PURLIN_NO_DEVICE;
	strncpy((char *)request->reply, wanted->serves[request->word[0]], PARENT_SERVES_BYTES);
	request->reply_words = PARENT_SERVES_BYTES / 8;
	return PURLIN_OK;
}

/*
 * Paid by init, whose account no component's end touches. Without DESTROY: what a life of the
 * component does by mistake must not take it from the next.
 */
purlin_s64 provision_kept(struct component *component, struct request *request)
{
	purlin_u64 pages = component->description->kept / PURLIN_PAGE_SIZE, copy;
	purlin_s64 status = PURLIN_OK;

	if (!pages)
		return PURLIN_NO_DEVICE;
	if (!component->kept)
		status = memory_new(PURLIN_SLOT_ACCOUNT, pages, 0, &component->kept);
	if (!status)
		status = slot_copy(component->kept, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0,
				   &copy);
	if (status)
		return status;
	request_reply_word(request, pages);
	request_reply_cap(request, copy, true);
	return PURLIN_OK;
}

purlin_s64 provision_watch(struct component *component, struct request *request)
{
	purlin_s64 status = request_signal_check(request);

	if (status)
		return status;
	slot_delete(component->sessions_watch);
	component->sessions_watch = request->cap[0];
	request->cap[0] = 0;
	return PURLIN_OK;
}
