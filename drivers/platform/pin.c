/* SPDX-License-Identifier: MIT */
/*
 * Pinned memory of clients. Core holds the pins: were they this component's, nobody could tell
 * after its end what devices still reach, and when they do not any more.
 */
#include "pin.h"

#include <stddef.h>

#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/dma.h"

static purlin_u64 dma_session;

bool pins_start(void)
{
	return !session_open("DMA", "devices", &dma_session);
}

purlin_s64 pin_take(struct pin *pin, purlin_u64 slot)
{
	purlin_s64 status = rpc_exchange(dma_session, DMA_PIN, 0, 1, &slot, 0, NULL);

	/* Core holds the memory by its pin; a capability here would only keep it for longer. */
	slot_delete(slot);
	if (status)
		return status == PURLIN_NO_MEMORY ? status : PURLIN_BAD_ARGUMENT;
	pin->id = message()->word[0];
	pin->physical = message()->word[1];
	pin->pages = message()->word[2];
	pin->writable = message()->word[3] & PURLIN_RIGHT_WRITE;
	return PURLIN_OK;
}

void pin_release(struct pin *pin)
{
	message()->word[0] = pin->id;
	(void)rpc(dma_session, DMA_UNPIN, 1);
	pin->id = 0;
}
