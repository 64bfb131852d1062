/* SPDX-License-Identifier: GPL-2.0 */
/* A device session (session/virtio.h) as a virtio device, and each of its queues. */
#ifndef _PURLIN_VIRTIO_H
#define _PURLIN_VIRTIO_H

#include <linux/genalloc.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/virtio_ring.h>
#include <linux/workqueue.h>
#include <session/virtio.h>

/*
 * A request while the server has it, by its first descriptor in the session. What the driver gets
 * back is decided by this and by the driver's own ring, never by what the server could change.
 */
struct purlin_flight {
	unsigned int pieces;	/* descriptors; 0: free */
	unsigned int offset;	/* of its buffer in the pool */
	unsigned int bytes;	/* of that */
	unsigned int to_write;	/* offset of the part of it that the server writes */
	unsigned int own;	/* bytes of that */
	unsigned int writable;	/* bytes that the server writes, where they are lent, too */
	u8 *last;		/* the driver's last byte of those */
	u16 head;		/* in the driver's ring */
	bool orphan;		/* the driver was reset and does not want it any more */
};

/* virtio-chain.c: where the buffers of a request lie in its part of the pool, if not lent. */
#define PURLIN_PIECES	128

struct purlin_layout {
	unsigned int pieces;	/* descriptors */
	unsigned int bytes;	/* in the pool: of all, with what is left free between them */
	unsigned int lent;	/* bytes where they are */
	unsigned int writable;	/* bytes */
	unsigned int own;	/* of those, in the pool; the last ones there */
	u8 *last;		/* of those, the driver's last byte; NULL: none */
	struct purlin_piece {
		u64 offset;	/* in the part of the pool; VIRTIO_LENT and more: lent */
		unsigned int bytes;
		bool write;
	} piece[PURLIN_PIECES];
};

/* A queue: the ring that the driver fills, and the one that the server sees. */
struct purlin_queue {
	struct purlin_virtio *device;
	spinlock_t lock;	/* both rings' indices, and what is in flight */
	struct purlin_layout layout;	/* of the request that is being passed on */
	/* The session's. */
	struct virtio_descriptor *descriptors;
	struct virtio_available *available;
	struct virtio_used *used;
	u16 available_index, used_index;
	u16 free, free_count;
	u16 *next_free;
	struct purlin_flight *flights;
	/* The driver's. */
	struct virtqueue *vq;	/* NULL: none */
	struct vring ring;
	u16 taken, answered;
	bool at_once;		/* the driver waits for each answer with interrupts off */
	bool stuck;		/* the server took nothing for WAIT_MS */
};

struct purlin_virtio {
	struct virtio_device vdev;
	void *memory;
	unsigned int bytes;
	u64 features;		/* that the session was started with */
	unsigned int notify;	/* slot of the server's signal */
	unsigned int irq;
	unsigned int queues;
	u16 queue_size;
	u8 status;
	bool lent;		/* RAM is: the server reaches a disk's data where it lies */
	bool failed;		/* nothing more is to be had from the session */
	bool removed;		/* the driver has it no more, or soon will not */
	struct gen_pool *pool;
	unsigned int pool_bytes;
	struct work_struct failing, removing;
	spinlock_t config_lock;	/* what the driver is told of the configuration */
	u32 config_generation, config_seen;
	u8 config_said[VIRTIO_CONFIG_BYTES];	/* by the server */
	u8 config[VIRTIO_CONFIG_BYTES];		/* for the driver */
	struct purlin_queue queue[VIRTIO_QUEUES_MAX];
};

static inline struct virtio_control *purlin_virtio_control(struct purlin_virtio *device)
{
	return device->memory;
}

static inline struct purlin_virtio *purlin_to_virtio(struct virtio_device *vdev)
{
	return container_of(vdev, struct purlin_virtio, vdev);
}

/* `lend`: the server may reach data where it lies. The same for all steps of a request. */
void purlin_layout_make(const struct vring *ring, u16 head, bool lend,
			struct purlin_layout *layout);
void purlin_copy_in(const struct vring *ring, u16 head, bool lend,
		    const struct purlin_layout *layout, u8 *buffer);
/* The first `bytes` of what the server writes; the driver's buffers keep the rest as it is. */
void purlin_copy_out(const struct vring *ring, u16 head, bool lend, const u8 *from,
		     unsigned int bytes);
/* Of what the server writes; NULL: it writes nothing. */
u8 *purlin_last_byte(const struct vring *ring, u16 head);
/* Pages that a server may still write to are never used for anything else; how many those are. */
unsigned int purlin_pages_keep(const struct vring *ring, u16 head);

/* virtio-queue.c */
int purlin_queue_init(struct purlin_virtio *device, unsigned int index);
/* The driver's ring is there; or it is to be forgotten, with all that was asked by it. */
void purlin_queue_open(struct purlin_queue *queue, struct virtqueue *vq);
void purlin_queue_close(struct purlin_queue *queue);
/* Pass on what the driver has asked; what finds no room waits for answers. */
void purlin_queue_forward(struct purlin_queue *queue);
/* For a driver that waits for the answers with interrupts off: until all of it is passed on. */
void purlin_queue_wait(struct purlin_queue *queue);
/* Take the server's answers. Whether the driver has to look. */
bool purlin_queue_collect(struct purlin_queue *queue);
/* Answer everything with an error, now that nobody else will. Whether the driver has to look. */
bool purlin_queue_fail(struct purlin_queue *queue);

/*
 * virtio-config.c: take a copy that is whole. The server can write there at any time: the driver
 * reads the copy, so that what it has checked stays as it was. False: it has not changed, or it
 * changes all the time.
 */
bool purlin_config_refresh(struct purlin_virtio *device);
/* Once the session is over; until then it is there, also while a server is away. */
void purlin_config_lose_carrier(struct purlin_virtio *device);
void purlin_config_get(struct virtio_device *vdev, unsigned int offset, void *to,
		       unsigned int bytes);
void purlin_config_set(struct virtio_device *vdev, unsigned int offset, const void *from,
		       unsigned int bytes);
u32 purlin_config_generation(struct virtio_device *vdev);

/* virtio.c: the session is over, for good. */
void purlin_virtio_fail(struct purlin_virtio *device, const char *why);

#endif /* _PURLIN_VIRTIO_H */
