/* SPDX-License-Identifier: MIT */
/* Requests to a server. */
#include <string.h>

#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

/*
 * After the call: delete or give back the slots that the caller is not to see, so that received[]
 * holds only slots with a capability. Unless `keep`, that is none: a failed request leaves nothing
 * for the caller to clean up.
 */
static void settle(purlin_u64 *received, unsigned int wanted, unsigned int delivered, int keep)
{
	for (unsigned int i = 0; i < wanted; i++) {
		if (keep && i < delivered)
			continue;
		if (i < delivered)
			slot_delete(received[i]);
		else
			slot_release(received[i]);
		received[i] = 0;
	}
}

purlin_s64 rpc_exchange(purlin_u64 endpoint, purlin_u32 operation, unsigned int words,
			unsigned int sent, const purlin_u64 *send, unsigned int wanted,
			purlin_u64 *received)
{
	struct purlin_message *buffer = message();
	purlin_u64 info = 0;
	unsigned int delivered;
	purlin_s64 status;

	for (unsigned int i = 0; i < wanted; i++) {
		received[i] = slot_reserve();
		if (!received[i]) {
			settle(received, i, 0, 0);
			return PURLIN_NO_MEMORY;
		}
	}
	/* A slot that an earlier message named would be filled, too: name all of them. */
	for (unsigned int i = 0; i < PURLIN_MESSAGE_CAPS; i++) {
		buffer->send_slot[i] = i < sent ? (purlin_u32)send[i] : 0;
		buffer->receive_slot[i] = i < wanted ? (purlin_u32)received[i] : 0;
	}
	status = purlin_endpoint_call(
		endpoint, PURLIN_INFO(operation, words, sent) | thread_self()->call_flags, &info);
	/*
	 * How many came is the kernel's word; which of them make sense is the caller's to find
	 * out.
	 */
	delivered = status ? 0 : PURLIN_INFO_CAPS(info);
	if (!status)
		status = (int)PURLIN_INFO_LABEL(info);
	if (!status && delivered < wanted)
		status = PURLIN_BAD_CAPABILITY;
	settle(received, wanted, delivered, !status);
	return status;
}

void message_put_text(unsigned int first_word, unsigned int bytes, const char *text)
{
	char *to = (char *)&message()->word[first_word];

	strncpy(to, text, bytes);
	to[bytes - 1] = 0;
}

void words_get_text(char *to, const purlin_u64 *words, unsigned int bytes)
{
	memcpy(to, words, bytes);
	to[bytes] = 0;
}
