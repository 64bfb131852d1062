/* SPDX-License-Identifier: MIT */
/* A Block session from the client's end. */
#include "session.h"

#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

purlin_s64 disk_prepare(struct disk_session *session)
{
	purlin_s64 status = memory_new_mapped(DISK_PAGES, 0, &session->memory, &session->mapped);

	session->signal = slot_reserve();
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, session->signal);
	return status ? status :
			slot_copy(session->signal, PURLIN_RIGHT_WRITE, DISK_ANSWERS,
				  &session->answers);
}

purlin_s64 disk_start(struct disk_session *session)
{
	purlin_u64 send[2] = { session->memory, session->answers };
	purlin_s64 status;

	slot_delete(session->endpoint);
	slot_delete(session->server_signal);
	session->endpoint = session->server_signal = 0;
	status = session_open("Block", DISK_LABEL, &session->endpoint);
	if (!status)
		status = rpc(session->endpoint, VIRTIO_INFO, 0);
	if (status)
		return status;
	words_get_text(session->identity, &message()->word[5], VIRTIO_IDENTITY_BYTES);
	session->capacity = message()->word[5 + VIRTIO_IDENTITY_BYTES / 8];
	message()->word[0] = DISK_FEATURES;
	message()->word[1] = DISK_QUEUE;
	message()->word[2] = DISK_PAGES;
	return rpc_exchange(session->endpoint, VIRTIO_START, 3, 2, send, 1,
			    &session->server_signal);
}
