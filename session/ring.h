/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Rings of bytes in memory that the two ends of a session share. A session header that uses rings
 * says how many there are, their sizes (powers of two), and where their bytes lie.
 *
 * Each ring has one producer and one consumer. Indices run freely and wrap at 2^32; `head - tail`
 * is the fill, never more than the size. A larger fill means a broken peer: the consumer treats the
 * ring as empty and sets tail = head, the producer treats it as full. The producer writes bytes,
 * then head with release; the consumer reads head with acquire, bytes, then writes tail with
 * release. After having written, the producer notifies if the ring was empty before; the consumer
 * notifies if it was full.
 *
 * Either side may write garbage at any time: the other reads each index once, uses it only modulo
 * the size, and gives the bytes no meaning.
 */
#ifndef SESSION_RING_H
#define SESSION_RING_H

#include "session.h"

struct session_ring {
	purlin_u32 head; /* written by the producer only */
	purlin_u32 reserved0[15];
	purlin_u32 tail; /* written by the consumer only */
	purlin_u32 reserved1[15];
};
_Static_assert(sizeof(struct session_ring) == 128, "a cache line for each side");

#endif
