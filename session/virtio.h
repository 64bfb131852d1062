/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Devices as sessions. A service of the name Block, Nic, Console or Entropy is a virtio device of
 * that type: features, configuration and requests are those of the standard (Virtual I/O Device,
 * VIRTIO, version 1.2, OASIS), its split queues (2.7) lie in memory that both ends share.
 *
 * The client creates that memory, pays for it and keeps it; it lends it to the server, which
 * reaches nothing else of the client's. Whatever must outlive a server lies there: a server that
 * comes back finds in the record of each queue what its predecessor had taken and not answered. The
 * client asks for VIRTIO_INFO, lays the memory out, and starts with VIRTIO_START. If the server
 * ends, the client opens the session again, asks again, and starts again with the same memory and
 * the same features: then the new server does the requests that were in flight. This is what may
 * then happen twice:
 *
 *   Block    reads, writes, flushes, discards: at least once, unordered among those in flight
 *   Entropy  numbers: at least once, others each time
 *   Nic      a packet is transmitted at most once
 *   Console  a character is written at most once
 *   others   never twice: they end with an error
 *
 * Addresses in descriptors are offsets in the shared memory. Buffers and indirect tables lie in the
 * pool; whatever does not is an error of the client, which ends the session (VIRTIO_STATE_BROKEN)
 * and nobody else's. Either end may write garbage at any time: the other reads each field once.
 *
 * A client may lend more memory than that to a server that it trusts, such as all RAM of a guest
 * (VIRTIO_LEND). Buffers may lie there, too, and need not be copied into the pool; tables may not.
 */
#ifndef SESSION_VIRTIO_H
#define SESSION_VIRTIO_H

#include "session.h"

/* Types (VIRTIO 1.2, 5). */
#define VIRTIO_TYPE_NIC 1
#define VIRTIO_TYPE_BLOCK 2
#define VIRTIO_TYPE_CONSOLE 3
#define VIRTIO_TYPE_ENTROPY 4

#define VIRTIO_QUEUES_MAX 8
#define VIRTIO_QUEUE_SIZE_MAX 1024 /* descriptors; a power of two, as each queue's is */
#define VIRTIO_CONFIG_BYTES 256
#define VIRTIO_IDENTITY_BYTES 32

/* Features of the queues (VIRTIO 1.2, 6). Every server offers the second, and most the first. */
#define VIRTIO_FEATURE_INDIRECT (1ull << 28)
#define VIRTIO_FEATURE_VERSION_1 (1ull << 32)
/* Of sessions, not of the standard: the server takes what VIRTIO_LEND gives it. */
#define VIRTIO_FEATURE_LENT (1ull << 63)

/*
 * Ask what the server offers. Reply: word 0: type; word 1: features; word 2: number of queues; word
 * 3: largest size of a queue; word 4: bytes of configuration; words 5..8: the identity of the
 * device behind it (serial number, port path, MAC, name; text): the same in each life of the
 * server, unless it is a different device; from word 9 on: the configuration (VIRTIO 1.2, 5,
 * "device configuration layout").
 */
#define VIRTIO_INFO 1

/*
 * Start. Word 0: features the client wants, of those offered; word 1: size of the queues, in
 * descriptors; word 2: size of the memory, in pages. Capability 0: the memory object (READ and
 * WRITE), as long as that or longer, laid out as below; capability 1: the client's signal (WRITE),
 * badged with the bit the server is to notify. Reply: capability 0: the signal the client notifies
 * when it has made buffers available (with bits ~0; the badge selects).
 *
 * BUSY: started already. BAD_ARGUMENT: features that are not offered or without VERSION_1, a size
 * that is no power of two, below 2 or too large, memory too small for the layout. BAD_CAPABILITY:
 * no memory or no signal came. NO_RIGHT: they came with too few rights. NO_MEMORY: more memory than
 * the server has room for.
 *
 * If the control page says VIRTIO_STATE_RUNNING already, with this type, the memory is that of an
 * earlier life: the server goes on where that one stopped. BAD_ARGUMENT: the memory has had another
 * type, other features or another size.
 */
#define VIRTIO_START 2

/*
 * Lend more memory, a part with each request, before the start; a client that starts again with the
 * same memory lends the same again before. Word 0: address of the part in descriptors, from
 * VIRTIO_LENT on; word 1: where in the object it begins, word 2: how long it is, in pages.
 * Capability 0: the memory object (READ and WRITE).
 *
 * BAD_CALL: the server does not offer VIRTIO_FEATURE_LENT. BUSY: started already. BAD_ARGUMENT: an
 * address that is below VIRTIO_LENT or no multiple of a page's size, no page, pages outside the
 * object or beyond VIRTIO_LENT_END, or a part that overlaps an earlier one. BAD_CAPABILITY: no
 * memory came. NO_RIGHT: it came with too few rights. NO_MEMORY: VIRTIO_LENT_PARTS have been lent.
 */
#define VIRTIO_LEND 3
#define VIRTIO_LENT (1ull << 62)
#define VIRTIO_LENT_END (VIRTIO_LENT + (1ull << 46))
#define VIRTIO_LENT_PARTS 8

#define VIRTIO_STATE_NEW 0     /* zeroed memory: nothing has happened */
#define VIRTIO_STATE_RUNNING 1 /* written by the server at each start */
#define VIRTIO_STATE_BROKEN \
	2 /* by the server: the client did what `reason` says; nothing more will happen */

/* Page 0, written by the server only. */
struct virtio_control {
	purlin_u32 state; /* VIRTIO_STATE_* */
	purlin_u32 type;  /* by the server at the first start, as features and size */
	purlin_u64 features;
	purlin_u32 queue_size;
	purlin_u32 lives;  /* how often a server has started with this memory */
	purlin_u32 reason; /* VIRTIO_BROKEN_*, of queue number `reason_queue` */
	purlin_u32 reason_queue;
	purlin_u32 config_generation; /* odd while the server changes the configuration */
	purlin_u32 reserved[7];
	purlin_u8 config[VIRTIO_CONFIG_BYTES];
	purlin_u8 unused[0x1000 - 64 - VIRTIO_CONFIG_BYTES];
};
_Static_assert(sizeof(struct virtio_control) == 0x1000, "session: virtio control page");

/* What a client did that ends its session; the last one is said by init or a broker in the server's
 * place. */
#define VIRTIO_BROKEN_INDEX 1 /* more made available than the queue holds */
#define VIRTIO_BROKEN_HEAD 2  /* the number of a descriptor beyond the queue, or one in flight */
#define VIRTIO_BROKEN_LOOP 3  /* a chain longer than its table */
/* A table outside the pool, a buffer outside the pool and what is lent, or one of no length. */
#define VIRTIO_BROKEN_ADDRESS 4
#define VIRTIO_BROKEN_INDIRECT 5 /* a table that may not be there, or of odd size */
#define VIRTIO_BROKEN_ORDER 6	 /* a buffer to read behind one to write */
#define VIRTIO_BROKEN_LENGTH 7	 /* more than VIRTIO_CHAIN_BYTES in all */
#define VIRTIO_BROKEN_SERVER 8	 /* nothing: its server has ended for good, or is another one */

#define VIRTIO_CHAIN_BYTES (1u << 23)

/* VIRTIO 1.2, 2.7.5: descriptors. */
struct virtio_descriptor {
	purlin_u64 address; /* offset in the memory, or in what is lent */
	purlin_u32 length;  /* bytes */
	purlin_u16 flags;
	purlin_u16 next;
};
#define VIRTIO_DESCRIPTOR_NEXT 1
#define VIRTIO_DESCRIPTOR_WRITE 2 /* for the server to write */
#define VIRTIO_DESCRIPTOR_INDIRECT 4

/* VIRTIO 1.2, 2.7.6: by the client. Behind `ring`: one word that is not used. */
struct virtio_available {
	purlin_u16 flags; /* VIRTIO_QUIET: the client wants no signal */
	purlin_u16 index;
	purlin_u16 ring[];
};
#define VIRTIO_QUIET 1

/* VIRTIO 1.2, 2.7.8: by the server. */
struct virtio_used_element {
	purlin_u32 id;
	purlin_u32 length;
};
struct virtio_used {
	purlin_u16 flags; /* VIRTIO_QUIET: the server wants no signal */
	purlin_u16 index;
	struct virtio_used_element ring[];
};

/*
 * The record of what is in flight, by the server only. The server marks the number of a descriptor
 * before it looks at the chain, and removes the mark after the used index counts the answer. While
 * `answered` is behind the used index, `answering` names the number whose answer is being
 * published. So a successor can tell whether that request was answered, whichever store was the
 * last.
 */
struct virtio_record {
	purlin_u16 answered; /* used index, as far as the marks below follow it */
	purlin_u16 answering;
	purlin_u32 reserved;
	purlin_u64 taken; /* how many were ever taken: their order */
	struct virtio_flight {
		purlin_u64 order; /* 0: not in flight; else `taken` when it was taken */
	} flight[];
};

/* The layout: one queue after the other behind the control page, each at the start of a page. */
#define VIRTIO_ALIGN(bytes, to) (((bytes) + (to)-1) / (to) * (to))
#define VIRTIO_AVAILABLE(size) ((size)*16ull)
#define VIRTIO_USED(size) VIRTIO_ALIGN(VIRTIO_AVAILABLE(size) + 6 + 2ull * (size), 64)
#define VIRTIO_RECORD(size) VIRTIO_ALIGN(VIRTIO_USED(size) + 6 + 8ull * (size), 64)
#define VIRTIO_QUEUE_BYTES(size) VIRTIO_ALIGN(VIRTIO_RECORD(size) + 16 + 8ull * (size), 0x1000)
#define VIRTIO_QUEUE(size, queue) (0x1000 + VIRTIO_QUEUE_BYTES(size) * (queue))
/* The pool begins behind the last queue and ends with the memory. */
#define VIRTIO_POOL(size, queues) VIRTIO_QUEUE(size, queues)

#endif
