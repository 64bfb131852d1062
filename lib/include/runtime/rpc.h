/* SPDX-License-Identifier: MIT */
/*
 * Requests to a server. The caller puts the arguments into message()->word[]
 * and finds the results there. The status is the server's, or that of
 * endpoint_call when the server cannot be reached.
 */
#ifndef RUNTIME_RPC_H
#define RUNTIME_RPC_H

#include "runtime/thread.h"

/*
 * Pass on the capabilities in send[], and receive some into fresh slots,
 * whose numbers go to received[]. BAD_CAPABILITY: the server reported success but passed
 * fewer capabilities than wanted; those it passed are deleted.
 */
purlin_s64 rpc_exchange(purlin_u64 endpoint, purlin_u32 operation, unsigned int words,
			unsigned int sent, const purlin_u64 *send, unsigned int wanted,
			purlin_u64 *received);

static inline purlin_s64 rpc(purlin_u64 endpoint, purlin_u32 operation, unsigned int words)
{
	return rpc_exchange(endpoint, operation, words, 0, 0, 0, 0);
}

static inline purlin_s64 rpc_send(purlin_u64 endpoint, purlin_u32 operation, unsigned int words,
				  purlin_u64 capability)
{
	return rpc_exchange(endpoint, operation, words, 1, &capability, 0, 0);
}

static inline purlin_s64 rpc_receive(purlin_u64 endpoint, purlin_u32 operation, unsigned int words,
				     purlin_u64 *capability)
{
	return rpc_exchange(endpoint, operation, words, 0, 0, 1, capability);
}

/* Put a string into words, padded with zeros; it is cut to fit, with a final zero. */
void message_put_text(unsigned int first_word, unsigned int bytes, const char *text);
/* Take one out of words; `to` gets bytes + 1 bytes and ends with a zero. */
void words_get_text(char *to, const purlin_u64 *words, unsigned int bytes);

#endif
