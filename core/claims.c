/* SPDX-License-Identifier: MIT */
/* Which session holds what: exclusive ranges, and objects that end with their session. */
#include "claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot_data.h"
#include "kept.h"
#include "purlin/calls.h"
#include "runtime/log_budget.h"
#include "runtime/resources.h"
#include "runtime/slots.h"
#include "service.h"

/*
 * Each claim costs core memory and a slot, so a component may have this many in all its sessions.
 * One that may claim everything is trusted anyway.
 */
#define MOST_CLAIMS 256

/* These lines are in core's name: clients cause them, and need no log of their own for that. */
static bool may_log(const struct session *session)
{
	return log_budget_allows(session->label, tsc_now(), boot_info->tsc_hz);
}

static unsigned int claims_of(const char *component)
{
	unsigned int count = 0;

	for (const struct session *session = sessions; session; session = session->next)
		if (!strcmp(session->label, component))
			count += session->claim_count;
	return count;
}

bool claim_possible(const struct session *session)
{
	if (session->grant_all || claims_of(session->label) < MOST_CLAIMS)
		return true;
	if (may_log(session))
		printf("%s has %d claims: no more\n", session->label, MOST_CLAIMS);
	return false;
}

/* Ranges never wrap: claim_check refuses those that do. */
static bool overlap(struct range a, struct range b)
{
	return a.count && b.count && a.first < b.first + b.count && b.first < a.first + a.count;
}

/* A claim must lie in one granted range. Sums could wrap here, so only differences are formed. */
static bool granted(const struct session *session, struct range range)
{
	if (session->grant_all)
		return true;
	for (unsigned int i = 0; i < session->range_count; i++) {
		struct range grant = session->ranges[i];

		if (range.first >= grant.first && range.first - grant.first <= grant.count &&
		    range.count <= grant.count - (range.first - grant.first))
			return true;
	}
	return false;
}

/*
 * Another session that holds part of the range. A session may claim what it holds already: that
 * gives it nothing new, and its own order of releases concerns only itself.
 */
static const struct session *holder(const struct session *asking, struct range range)
{
	for (const struct session *other = sessions; other; other = other->next) {
		if (other == asking || other->service != asking->service)
			continue;
		for (const struct claim *claim = other->claims; claim; claim = claim->next) {
			if (overlap(claim->range, range))
				return other;
		}
	}
	return NULL;
}

purlin_s64 claim_check(const struct session *session, struct range range, purlin_u64 limit)
{
	const struct session *other;

	if (!range.count || range.first >= limit || range.count > limit - range.first)
		return PURLIN_BAD_ARGUMENT;
	if (!claim_possible(session))
		return PURLIN_NO_MEMORY;
	if (!granted(session, range)) {
		if (may_log(session))
			printf("%s 0x%lx refused to %s: the system description does not grant it\n",
			       session->service->noun, range.first, session->label);
		return PURLIN_NO_RIGHT;
	}
	if (kept_from(session, range)) {
		if (may_log(session))
			printf("%s 0x%lx refused to %s: kept for who decides about devices\n",
			       session->service->noun, range.first, session->label);
		return PURLIN_BUSY;
	}
	/* This check comes last: its line names another component, which a client without a grant
	 * need not learn. */
	other = holder(session, range);
	if (!other)
		return PURLIN_OK;
	if (may_log(session))
		printf("%s 0x%lx refused to %s: held by %s\n", session->service->noun, range.first,
		       session->label, other->label);
	return PURLIN_BUSY;
}

static purlin_s64 note(struct session *session, struct range range, purlin_u64 slot, purlin_u64 *id)
{
	struct claim *claim = calloc(1, sizeof(*claim));

	if (!claim)
		return PURLIN_NO_MEMORY;
	/* Never used twice, so that a late release cannot hit a newer claim. */
	claim->id = ++session->next_id;
	claim->range = range;
	claim->object = slot;
	claim->next = session->claims;
	session->claims = claim;
	session->claim_count++;
	*id = claim->id;
	return PURLIN_OK;
}

purlin_s64 claim_note(struct session *session, purlin_u64 slot, purlin_u64 *id)
{
	static const struct range nothing;

	return note(session, nothing, slot, id);
}

/*
 * The client gets a copy without DESTROY: the object ends with the claim, not before, or core
 * would give the range to somebody while its books still say who has it.
 */
purlin_s64 claim_add(struct session *session, struct range range, purlin_u64 slot,
		     struct request *request)
{
	purlin_u64 copy;
	purlin_s64 status = slot_copy(slot, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY, 0, &copy);

	if (!status) {
		status = note(session, range, slot, &request->reply[0]);
		if (status)
			slot_delete(copy);
	}
	if (status) {
		purlin_object_destroy(slot);
		slot_delete(slot);
		return status;
	}
	if (!request->reply_words)
		request->reply_words = 1;
	request_reply_cap(request, copy, true);
	return PURLIN_OK;
}

/* Destroying the object takes it from the client, too, whatever copies were made of it. */
static void release(const struct session *session, struct claim *claim)
{
	if (session->service->give_back)
		session->service->give_back(claim->object);
	else
		purlin_object_destroy(claim->object);
	slot_delete(claim->object);
	free(claim);
}

purlin_s64 claim_release(struct session *session, purlin_u64 id)
{
	struct claim **link = &session->claims;
	struct claim *claim;

	while (*link && (*link)->id != id)
		link = &(*link)->next;
	claim = *link;
	if (!claim)
		return PURLIN_BAD_ARGUMENT;
	/* The holder itself gives it back. It is still there, so nothing is kept for it. */
	*link = claim->next;
	session->claim_count--;
	kept_remove(session, claim->range);
	release(session, claim);
	return PURLIN_OK;
}

void claim_release_all(struct session *session)
{
	while (session->claims) {
		struct claim *claim = session->claims;

		session->claims = claim->next;
		/* Before the object goes: from then on somebody else could claim the range. */
		session->claim_count--;
		kept_add(session, claim->range);
		release(session, claim);
	}
}
