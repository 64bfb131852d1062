/* SPDX-License-Identifier: MIT */
/* The broker's target: clients that lend more memory, or what they take for that (VIRTIO_LEND). */
#include "broker_model.h"

#define LENT (PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE)

static bool lent_overlaps(const struct session *session, uint64_t address, uint64_t pages)
{
	for (unsigned int i = 0; i < session->lent_count; i++) {
		const struct lent *lent = &session->lent[i];

		if (address < lent->address + lent->pages * PURLIN_PAGE_SIZE &&
		    lent->address < address + pages * PURLIN_PAGE_SIZE)
			return true;
	}
	return false;
}

static purlin_s64 lend_wanted(const struct session *session, const struct fake_cap *memory,
			      const struct lent *lent)
{
	const struct offering *offering = &offerings[session - sessions];
	uint64_t count = memory->object->count, end = VIRTIO_LENT_END;

	if (!(offering->features & VIRTIO_FEATURE_LENT))
		return PURLIN_BAD_CALL;
	if (session->started)
		return PURLIN_BUSY;
	if (memory->object->type != PURLIN_TYPE_MEMORY)
		return PURLIN_BAD_CAPABILITY;
	if ((memory->rights & LENT) != LENT)
		return PURLIN_NO_RIGHT;
	if (lent->address < VIRTIO_LENT || lent->address >= end ||
	    lent->address % PURLIN_PAGE_SIZE || !lent->pages ||
	    lent->pages > (end - lent->address) / PURLIN_PAGE_SIZE || lent->offset >= count ||
	    lent->pages > count - lent->offset ||
	    lent_overlaps(session, lent->address, lent->pages))
		return PURLIN_BAD_ARGUMENT;
	return session->lent_count == VIRTIO_LENT_PARTS ? PURLIN_NO_MEMORY : PURLIN_OK;
}

void step_client_lend(struct session *session)
{
	struct fake_cap memory = { fake_new(input_byte(input) < 240 ? PURLIN_TYPE_MEMORY :
								      PURLIN_TYPE_SIGNAL),
				   mostly(PURLIN_RIGHT_ALL), 0 };
	struct lent lent = {
		.memory = memory.object,
		.address = mostly(VIRTIO_LENT + input_choice(input, 16) * 2 * PURLIN_PAGE_SIZE),
		.offset = mostly(input_choice(input, 4)),
		.pages = mostly(1 + input_choice(input, 3)),
	};
	struct fake_message message = { .label = VIRTIO_LEND,
					.words = 3,
					.word = { lent.address, lent.offset, lent.pages },
					.caps = 1 };
	purlin_s64 status;

	memory.object->count = 5;
	message.cap[0] = fake_cap_of(memory.object, memory.rights, 0);
	fail_never();
	status = call(session_endpoint, session->badge, &message);
	MUST(status == lend_wanted(session, &memory, &lent) && !message.words);
	if (!status)
		session->lent[session->lent_count++] = lent;
	else
		fake_cap_drop(&memory);
	fake_message_drop(&message);
}
