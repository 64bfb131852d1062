/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The message buffer: one for each thread (a page the kernel maps at the
 * address named in thread_create) and one inside each vCPU's state page.
 * Calls that carry more than registers hold read it and write it there; the
 * kernel never follows a pointer from user level.
 */
#ifndef PURLIN_MESSAGE_H
#define PURLIN_MESSAGE_H

#include "types.h"

#define PURLIN_MESSAGE_WORDS 60
#define PURLIN_MESSAGE_CAPS 4
#define PURLIN_NAME_BYTES 32 /* names in words 0..3, padded with zero bytes */

/*
 * Message info, in a register: label in bits 63..32, number of capabilities
 * in bits 11..8, number of words in bits 7..0. Requests carry the operation
 * as label; replies a status (0 or a negative error, as signed 32 bits).
 */
#define PURLIN_INFO(label, words, caps) \
	(((purlin_u64)(purlin_u32)(label) << 32) | ((purlin_u64)(caps) << 8) | (purlin_u64)(words))
/*
 * Or-ed into the info of endpoint_call: the server gets neither priority nor time slice of the
 * caller. For a caller that is more urgent than the server may become, above all if it does not
 * trust the server.
 */
#define PURLIN_INFO_LENDS_NOTHING 0x1000ull
#define PURLIN_INFO_LABEL(info) ((purlin_u32)((info) >> 32))
#define PURLIN_INFO_WORDS(info) ((unsigned int)((info)&0xff))
#define PURLIN_INFO_CAPS(info) ((unsigned int)(((info) >> 8) & 0xf))

#ifndef __ASSEMBLER__
struct purlin_message {
	purlin_u64 word[PURLIN_MESSAGE_WORDS];
	/* Sender: slots of the capabilities to pass on (copied). */
	purlin_u32 send_slot[PURLIN_MESSAGE_CAPS];
	/*
	 * Receiver: empty slots for what arrives; 0 refuses: that capability
	 * is not delivered. The info word the receiver gets tells how many
	 * were (in order, without gaps; delivery stops at the first refusal).
	 */
	purlin_u32 receive_slot[PURLIN_MESSAGE_CAPS];
};
_Static_assert(sizeof(struct purlin_message) == 512, "ABI: message buffer");
#endif

#endif
