/* SPDX-License-Identifier: MIT */
/* What a component asks of its parent: sessions, services, rules, memory that it keeps. */
#include "provision.h"

#include <string.h>

#include "purlin/calls.h"
#include "route.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

#define LABEL_WORD (PARENT_SERVICE_BYTES / 8)
#define ARGUMENT_WORD (LABEL_WORD + PARENT_LABEL_BYTES / 8)

purlin_s64 provision_open(struct component *component, struct request *request)
{
	char service[PARENT_SERVICE_BYTES + 1], label[PARENT_LABEL_BYTES + 1];
	unsigned int count = request->words > ARGUMENT_WORD ? request->words - ARGUMENT_WORD : 0;
	purlin_u64 slot;
	purlin_s64 status;

	/* Words that did not come are 0 (session/session.h), so a short request has empty names. */
	words_get_text(service, request->word, PARENT_SERVICE_BYTES);
	words_get_text(label, &request->word[LABEL_WORD], PARENT_LABEL_BYTES);
	status = route_open(component, service, label, &request->word[ARGUMENT_WORD], count, &slot);
	if (!status)
		request_reply_cap(request, slot, true);
	return status;
}

purlin_s64 provision_announce(struct component *component, struct request *request)
{
	char service[PARENT_SERVICE_BYTES + 1];
	purlin_u64 type = 0, rights = 0, badge = 0;
	purlin_s64 status;

	words_get_text(service, request->word, PARENT_SERVICE_BYTES);
	if (!request->caps || purlin_cap_info(request->cap[0], &type, &rights, &badge) ||
	    type != PURLIN_TYPE_ENDPOINT || !(rights & PURLIN_RIGHT_WRITE))
		return PURLIN_BAD_CAPABILITY;
	status = route_announce(component, service, request->cap[0]);
	/* init keeps it: the loop would delete it after the reply. */
	if (!status)
		request->cap[0] = 0;
	return status;
}

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
