/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What all session interfaces share. A session is an endpoint capability whose
 * badge tells the server who speaks. A request carries the operation as message
 * label and its arguments in words; the reply carries 0 or a negative PURLIN_*
 * error as label and results in words. Capabilities travel beside the words.
 * Strings are padded with zero bytes, in consecutive words.
 *
 * Errors that every request may have: BAD_CALL (no such operation), NO_MEMORY (the server has no
 * room for it), DEAD (the session has ended). Missing words count as 0.
 *
 * A session ends with its client: what the server gave for it is taken back. It ends with its
 * server, too: a client that opens it again finds the server's next life, or DEAD.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "purlin/message.h"

#endif
