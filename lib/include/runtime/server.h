/* SPDX-License-Identifier: MIT */
/*
 * The loop of a server: receive a request, handle it, reply. Requests are
 * copied out of the message buffer first, so a handler may itself make calls.
 */
#ifndef RUNTIME_SERVER_H
#define RUNTIME_SERVER_H

#include <stdbool.h>

#include "purlin/message.h"

struct request {
	purlin_u64 badge;
	purlin_u32 operation;
	unsigned int words; /* received; the rest of word[] is 0 */
	unsigned int caps;
	purlin_u64 word[PURLIN_MESSAGE_WORDS];
	/* Slots of received capabilities. The handler sets to 0 what it keeps; the rest is deleted.
	 */
	purlin_u64 cap[PURLIN_MESSAGE_CAPS];

	/* The reply: nothing unless the handler fills it in. Only sent with status 0. */
	unsigned int reply_words;
	unsigned int reply_caps;
	purlin_u64 reply[PURLIN_MESSAGE_WORDS];
	struct {
		purlin_u64 slot;
		bool temporary; /* delete the slot once the reply is out */
	} reply_cap[PURLIN_MESSAGE_CAPS];
};

struct server {
	purlin_u64 endpoint;
	/* Returns the status of the reply. */
	purlin_s64 (*handle)(void *context, struct request *request);
	/* Called when the signal bound to the serving thread fired; may be NULL. */
	void (*signalled)(void *context, purlin_u64 bits);
	void *context;
	/*
	 * PURLIN_MESSAGE_CAPS empty slots to begin with, or NULL: the loop reserves them. A handler
	 * that keeps nothing then never waits for the lock of the slots.
	 */
	const purlin_u64 *slots;
};

/*
 * Creates an endpoint and announces the service there. The endpoint belongs to the component for
 * good; nothing is left of it on an error, which is that of endpoint_create or PARENT_ANNOUNCE.
 */
purlin_s64 server_announce(const char *service, purlin_u64 *endpoint);

/* Returns only when the endpoint is gone. */
void server_loop(const struct server *server);

/* Append a word to the reply. */
static inline void request_reply_word(struct request *request, purlin_u64 word)
{
	request->reply[request->reply_words++] = word;
}

/* Append a capability to the reply. */
void request_reply_cap(struct request *request, purlin_u64 slot, bool temporary);

/* Whether the request came with a signal that the server may notify, as its first capability. */
purlin_s64 request_signal_check(const struct request *request);

/* A session's capability: the server's endpoint for calling, marked with the badge. */
purlin_s64 server_badge(purlin_u64 endpoint, purlin_u64 badge, purlin_u64 *slot);

#endif
