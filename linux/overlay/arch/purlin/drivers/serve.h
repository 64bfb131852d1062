/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux as the server of device sessions (session/offer.h, session/virtio.h). serve.c talks to the
 * broker, serve-memory.c reaches what a client lends, serve-ring.c has the queues, and a file for
 * each kind of device finds devices and does requests.
 *
 * The client may write anything at any time, and its memory may go at any moment: all of it is read
 * by copies that may fail, once, and what is found there only counts after a check of the copy.
 */
#ifndef _PURLIN_SERVE_H
#define _PURLIN_SERVE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <session/offer.h>
#include <session/virtio.h>
#include "serve-hang.h"

/*
 * Memory of a client: what the session lies in, from offset 0 on, and parts of more that it has
 * lent, from VIRTIO_LENT on. No Linux page stands for it; nothing but these functions may touch it.
 */
struct purlin_lent {
	unsigned int count;
	struct purlin_lent_part {
		u64 offset, bytes;	/* as descriptors name it */
		void *base, *area;	/* mapped; in a range that may begin before */
		u64 address;		/* guest-physical */
		unsigned int slot;	/* of the memory object */
	} part[1 + VIRTIO_LENT_PARTS];
	bool gone;		/* the client has taken some of it away: no more accesses */
};

/*
 * Map what is in `slot`, pages from `first` on, for descriptors at `offset`; the first part is the
 * one at 0. No two sessions have the same number at the same time. The slot is the memory's then.
 */
int purlin_lent_map(struct purlin_lent *lent, unsigned int number, unsigned int slot, u64 offset,
		    u64 first, u64 pages);
void purlin_lent_unmap(struct purlin_lent *lent);
/* Where that is, if all of it is there, from `from` on; else NULL. For the two below only. */
void *purlin_lent_place(const struct purlin_lent *lent, u64 from, u64 offset, u64 bytes);
/* False: it is gone; what was read is zero then. */
bool purlin_lent_read(struct purlin_lent *lent, const void *place, void *to, unsigned int bytes);
bool purlin_lent_write(struct purlin_lent *lent, void *place, const void *from, unsigned int bytes);

#define PURLIN_SEGMENTS	66	/* buffers of a request: 64 with data, a header, a status */

/* A request: its buffers to read, then those to write. Checked, and a copy. */
struct purlin_chain {
	u16 head;
	bool again;		/* an earlier life may have done it, wholly or in part */
	unsigned int segments;
	u32 readable, writable;	/* bytes in all */
	struct purlin_segment {
		void *place;	/* in what is lent */
		u32 length;
		bool write;
	} segment[PURLIN_SEGMENTS];
};

struct purlin_ring_queue {
	u64 available, used, record, descriptors;	/* offsets */
	u16 next_available, used_index;
	u64 taken, again, again_end;
	struct virtio_descriptor *table;	/* room for a copy of one, with PURLIN_SEGMENTS */
};

/* What a kind of device is. */
struct purlin_serve_info {
	u32 type;
	u64 features;		/* those of the ring included */
	unsigned int queues, queue_size;
	unsigned int config_bytes;
	u8 config[VIRTIO_CONFIG_BYTES];
	u64 print;		/* from all that the thing says of itself */
};

struct purlin_ring {
	struct purlin_lent lent;
	u64 features, pool;
	u16 queue_size;
	unsigned int queues;
	bool over;		/* the client broke it, or is gone: there are no more requests */
	struct purlin_ring_queue queue[VIRTIO_QUEUES_MAX];
};

/* Begin with the memory, or go on in it where an earlier life has stopped. */
int purlin_ring_start(struct purlin_ring *ring, const struct purlin_serve_info *info);
/* Also after a start that failed. */
void purlin_ring_stop(struct purlin_ring *ring);
/* The next request, if there is one. */
bool purlin_ring_next(struct purlin_ring *ring, unsigned int queue, struct purlin_chain *chain);
/* Answer it. Whether the client wants to be told. */
bool purlin_ring_answer(struct purlin_ring *ring, unsigned int queue, u16 head, u32 written);
/* The client need not tell of new requests, or has to again: look once more after that. */
void purlin_ring_signals(struct purlin_ring *ring, unsigned int queue, bool wanted);
/* Readable bytes of a request, or its writable ones, from byte `at` of those. */
bool purlin_chain_read(struct purlin_ring *ring, const struct purlin_chain *chain, u32 at,
		       void *to, unsigned int bytes);
bool purlin_chain_write(struct purlin_ring *ring, const struct purlin_chain *chain, u32 at,
			const void *from, unsigned int bytes);

/* A device that is wanted, and its session if a client has one. */
struct purlin_served {
	struct purlin_offers *offers;
	unsigned int number;
	char service[OFFER_SERVICE_BYTES + 1], identity[OFFER_IDENTITY_BYTES + 1];
	char part[OFFER_PART_BYTES + 1];	/* "": the whole */
	char file[OFFER_FILE_BYTES + 1];	/* in the file system there; "": none */
	/* All of these. */
	char name[OFFER_SERVICE_BYTES + OFFER_IDENTITY_BYTES + OFFER_PART_BYTES +
		  OFFER_FILE_BYTES + 9];
	const char *problem;	/* why it is not served, as far as that has been said */
	bool pending;		/* it is not known yet */
	struct purlin_file *backing;	/* of the kind: what it has for `file` */
	bool read_only;
	const struct purlin_serve_kind *kind;	/* NULL: nobody here serves that */
	struct purlin_serve_info info;
	void *device;		/* of the kind; NULL: not found */
	unsigned int doorbell, irq;
	/* The session. */
	u64 start;		/* the broker's number of it; 0: there is none */
	unsigned int client;	/* slot of the client's signal */
	struct purlin_ring ring;
	void *session;		/* of the kind */
	struct work_struct work;
	struct purlin_hang hang;
};

struct purlin_serve_kind {
	const char *service;	/* "Block" */
	/*
	 * Its work is no more urgent than programs are. For work of which a client can cause any
	 * amount, with nothing that it has to wait for.
	 */
	bool modest;
	/*
	 * Look for it: `info` and `device` are filled in. -ENODEV: it is not there. Other errors:
	 * it is, and something is odd, which `problem` says. -EAGAIN: that is not known yet, and
	 * purlin_serve_look() will be called when it is.
	 */
	int (*find)(struct purlin_served *served, const char **problem);
	/* Whether it has gone; and then, without a session, give back `device`. */
	bool (*gone)(struct purlin_served *served);
	void (*lose)(struct purlin_served *served);
	/* A session begins: the ring is ready, `session` may be set. */
	int (*start)(struct purlin_served *served);
	/*
	 * Do what there is, in process context, never twice at a time: when the client says that
	 * there is more, and after each purlin_served_again().
	 */
	void (*work)(struct purlin_served *served);
	/* The session is over: wait until nothing is under way. `work` may be called meanwhile. */
	void (*stop)(struct purlin_served *served);
	/* `work` is not called any more: give back `session`. */
	void (*release)(struct purlin_served *served);
	struct list_head list;
};

/* At initcall time, before late ones. */
void purlin_serve_register(struct purlin_serve_kind *kind);
/* Have `work` called (again). From any context. */
void purlin_served_again(struct purlin_served *served);
/* Tell the client that there are answers. */
void purlin_served_tell(struct purlin_served *served);
/* A device may have come, or gone: look. May sleep. */
void purlin_serve_look(void);

#endif /* _PURLIN_SERVE_H */
