/* SPDX-License-Identifier: MIT */
/* What sessions hold: exclusive ranges, and objects that end with their session. */
#ifndef CORE_CLAIMS_H
#define CORE_CLAIMS_H

#include "runtime/server.h"
#include "session.h"

/* May the session have another claim of any kind? Logs it if not. */
bool claim_possible(const struct session *session);
/* May it have the range, which ends at `limit` at the latest? BAD_ARGUMENT, NO_MEMORY, NO_RIGHT,
 * BUSY or OK; logs the reason. */
purlin_s64 claim_check(const struct session *session, struct range range, purlin_u64 limit);
/*
 * Record the object in `slot`, and reply with id and capability. The slot is taken over: on failure
 * the object is destroyed.
 */
purlin_s64 claim_add(struct session *session, struct range range, purlin_u64 slot,
		     struct request *request);
/* Record the object in `slot`, which is taken over unless this fails. */
purlin_s64 claim_note(struct session *session, purlin_u64 slot, purlin_u64 *id);
purlin_s64 claim_release(struct session *session, purlin_u64 id);
void claim_release_all(struct session *session);

#endif
