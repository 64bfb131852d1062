// SPDX-License-Identifier: GPL-2.0
/*
 * A queue of a device session. The driver has a ring of its own, in Linux's memory, which the
 * server never sees. Its requests are copied from there into the session's memory, and the answers
 * back. So the server reaches no page of Linux, and what it writes, at any time, reaches the driver
 * only after it was checked. Requests that the server has lie in the session's memory as a whole: a
 * server that comes back goes on with them, and neither the driver nor this file hears of it.
 */
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <uapi/linux/virtio_blk.h>
#include <uapi/linux/virtio_ids.h>
#include <purlin/calls.h>
#include "virtio.h"

#define CONSOLE_TRANSMIT	1	/* VIRTIO 1.2, 5.3.2 */
#define WAIT_MS			1000

static bool is_block(const struct purlin_queue *queue)
{
	return queue->device->vdev.id.device == VIRTIO_ID_BLOCK;
}

static unsigned int table_bytes(const struct purlin_layout *layout)
{
	return layout->pieces * sizeof(struct virtio_descriptor);
}

/*
 * By a table behind the rest in the pool, since pieces that are lent can be many. The number of its
 * descriptor.
 */
static u16 describe_by_table(struct purlin_queue *queue, const struct purlin_layout *layout,
			     unsigned int offset)
{
	unsigned int at = offset + ALIGN(layout->bytes, sizeof(struct virtio_descriptor));
	struct virtio_descriptor *table = queue->device->memory + at;
	u16 head = queue->free, i;

	for (i = 0; i < layout->pieces; i++) {
		const struct purlin_piece *piece = &layout->piece[i];
		bool last = i + 1 == layout->pieces;

		table[i] = (struct virtio_descriptor){
			.address = piece->offset + (piece->offset < VIRTIO_LENT ? offset : 0),
			.length = piece->bytes,
			.flags = (piece->write ? VIRTIO_DESCRIPTOR_WRITE : 0) |
				 (last ? 0 : VIRTIO_DESCRIPTOR_NEXT),
			.next = last ? 0 : i + 1,
		};
	}
	queue->descriptors[head] = (struct virtio_descriptor){
		.address = at,
		.length = table_bytes(layout),
		.flags = VIRTIO_DESCRIPTOR_INDIRECT,
	};
	queue->free = queue->next_free[head];
	queue->free_count--;
	return head;
}

/* Descriptors of the session for the pieces, in order; the number of the first. */
static u16 describe(struct purlin_queue *queue, const struct purlin_layout *layout,
		    unsigned int offset)
{
	u16 head = queue->free, at = head;
	unsigned int i;

	for (i = 0; i < layout->pieces; i++) {
		const struct purlin_piece *piece = &layout->piece[i];
		struct virtio_descriptor *descriptor = &queue->descriptors[at];
		u16 next = queue->next_free[at];

		descriptor->address = offset + piece->offset;
		descriptor->length = piece->bytes;
		descriptor->flags = (piece->write ? VIRTIO_DESCRIPTOR_WRITE : 0) |
				    (i + 1 < layout->pieces ? VIRTIO_DESCRIPTOR_NEXT : 0);
		descriptor->next = i + 1 < layout->pieces ? next : 0;
		at = next;
	}
	queue->free = at;
	queue->free_count -= layout->pieces;
	return head;
}

static void flight_free(struct purlin_queue *queue, u16 head)
{
	struct purlin_flight *flight = &queue->flights[head];
	u16 last = head;
	unsigned int i;

	for (i = 1; i < flight->pieces; i++)
		last = queue->next_free[last];
	queue->next_free[last] = queue->free;
	queue->free = head;
	queue->free_count += flight->pieces;
	gen_pool_free(queue->device->pool, flight->offset, flight->bytes);
	flight->pieces = 0;
}

/* What the server finds, and what is remembered of it. */
static void publish(struct purlin_queue *queue, u16 driver_head,
		    const struct purlin_layout *layout, unsigned int offset, unsigned int bytes)
{
	bool table = queue->device->lent;
	u16 head = table ? describe_by_table(queue, layout, offset) :
			   describe(queue, layout, offset);
	u16 slot = queue->available_index++ % queue->device->queue_size;

	queue->flights[head] = (struct purlin_flight){
		.pieces = table ? 1 : layout->pieces,
		.offset = offset,
		.bytes = bytes,
		.to_write = offset + layout->bytes - layout->own,
		.own = layout->own,
		.writable = layout->writable,
		.last = layout->last,
		.head = driver_head,
		.orphan = queue->at_once,
	};
	WRITE_ONCE(queue->available->ring[slot], head);
	/* The index last: as soon as it counts the number, the server reads the chain. */
	virt_store_release(&queue->available->index, queue->available_index);
}

/* A console's buffers to receive into, which stay for long, must leave it room to write. */
static bool has_share(const struct purlin_queue *queue, unsigned int bytes)
{
	const struct purlin_virtio *device = queue->device;

	return device->vdev.id.device != VIRTIO_ID_CONSOLE || queue->at_once ||
	       gen_pool_avail(device->pool) >= device->pool_bytes / 2 + bytes;
}

/* Pass one request on. -ENOSPC: later; -E2BIG: never. */
static int send(struct purlin_queue *queue, u16 driver_head)
{
	struct purlin_virtio *device = queue->device;
	struct purlin_layout *layout = &queue->layout;
	unsigned int offset, bytes, descriptors;
	u8 *buffer;

	purlin_layout_make(&queue->ring, driver_head, device->lent, layout);
	bytes = layout->bytes;
	descriptors = layout->pieces;
	if (device->lent) {
		bytes = ALIGN(bytes, sizeof(struct virtio_descriptor)) + table_bytes(layout);
		descriptors = 1;
	}
	if (bytes > device->pool_bytes || layout->bytes + layout->lent > VIRTIO_CHAIN_BYTES ||
	    descriptors > device->queue_size)
		return -E2BIG;
	if (descriptors > queue->free_count || !has_share(queue, bytes))
		return -ENOSPC;
	offset = gen_pool_alloc(device->pool, bytes);
	if (!offset)
		return -ENOSPC;
	buffer = device->memory + offset;
	purlin_copy_in(&queue->ring, driver_head, device->lent, layout, buffer);
	/* No status yet: what a server does not answer is no success. */
	if (is_block(queue) && layout->own)
		buffer[layout->bytes - 1] = 0xff;
	publish(queue, driver_head, layout, offset, bytes);
	return 0;
}

/* What the driver finds in its ring; lock held. */
static void answer(struct purlin_queue *queue, u16 driver_head, u32 written)
{
	struct vring_used_elem *element =
		&queue->ring.used->ring[queue->answered % queue->ring.num];

	element->id = (__force __virtio32)cpu_to_le32(driver_head);
	element->len = (__force __virtio32)cpu_to_le32(written);
	queue->answered++;
	/* The driver reads the element and the data after the index. */
	virt_store_release((__force u16 *)&queue->ring.used->idx, queue->answered);
}

/* The next of the driver's requests that was not taken; false: there is none. */
static bool driver_next(struct purlin_queue *queue, u16 *head)
{
	struct vring_avail *avail = queue->ring.avail;

	if (!queue->vq)
		return false;
	/* What the driver put into its ring is read after the index. */
	if (queue->taken == virt_load_acquire((__force u16 *)&avail->idx))
		return false;
	*head = le16_to_cpu((__force __le16)avail->ring[queue->taken % queue->ring.num]);
	return true;
}

static bool forward(struct purlin_queue *queue)
{
	bool sent = false;
	u16 head;

	while (driver_next(queue, &head)) {
		int ret = send(queue, head);

		if (ret == -E2BIG)
			purlin_virtio_fail(queue->device, "a request is larger than the pool");
		if (ret)
			break;
		queue->taken++;
		sent = true;
		/* The session holds all of it, for whatever life of the server. */
		if (queue->at_once)
			answer(queue, head, 0);
	}
	return sent;
}

void purlin_queue_forward(struct purlin_queue *queue)
{
	unsigned long flags;
	bool sent = false;

	spin_lock_irqsave(&queue->lock, flags);
	if (READ_ONCE(queue->device->failed))
		schedule_work(&queue->device->failing);
	else
		sent = forward(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (!sent)
		return;
	/* The server sets its wish before it looks at the index: so one of the two is seen. */
	virt_mb();
	if (!(READ_ONCE(queue->used->flags) & VIRTIO_QUIET))
		purlin_signal_notify(queue->device->notify, ~0ULL);
}

/* Whether the next request finds no room; it is answered if it is not to wait for some. */
static bool waits(struct purlin_queue *queue, bool drop)
{
	unsigned long flags;
	bool any;
	u16 head;

	spin_lock_irqsave(&queue->lock, flags);
	any = driver_next(queue, &head);
	if (any && drop) {
		queue->taken++;
		answer(queue, head, 0);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return any;
}

/*
 * virtio_console has one request at a time on its way, and spins for its answer: so nobody calls
 * for what found no room. A server that takes nothing for so long loses output rather than time.
 */
void purlin_queue_wait(struct purlin_queue *queue)
{
	u64 end = local_clock() + WAIT_MS * NSEC_PER_MSEC;
	u16 before = queue->used_index;

	while (waits(queue, false)) {
		purlin_queue_collect(queue);
		purlin_queue_forward(queue);
		if (queue->used_index != before) {
			end = local_clock() + WAIT_MS * NSEC_PER_MSEC;
			before = queue->used_index;
			queue->stuck = false;
		}
		if (local_clock() > end)
			queue->stuck = true;
		if (queue->stuck || READ_ONCE(queue->device->failed))
			waits(queue, true);
		else
			purlin_thread_yield();
	}
}

/* Give the driver what the server has written, as far as it can be believed. */
static void deliver(struct purlin_queue *queue, const struct purlin_flight *flight, u32 written)
{
	const u8 *buffer = queue->device->memory + flight->to_write;
	bool status_only = is_block(queue) && flight->own == 1;

	/* Where all data is lent, there is nothing else to be found. */
	if (!status_only)
		purlin_copy_out(&queue->ring, flight->head, queue->device->lent, buffer, written);
	if (is_block(queue) && flight->own) {
		u8 status = READ_ONCE(buffer[flight->own - 1]);

		/* Success without all the data would show the driver's caller what lay there. */
		if (status == VIRTIO_BLK_S_OK && written < flight->writable)
			status = VIRTIO_BLK_S_IOERR;
		*flight->last = status;
	}
	answer(queue, flight->head, written);
}

/* One answer; false: there cannot be such a one. */
static bool collect_one(struct purlin_queue *queue)
{
	struct purlin_virtio *device = queue->device;
	struct virtio_used_element *element =
		&queue->used->ring[queue->used_index % device->queue_size];
	u32 head = READ_ONCE(element->id), written = READ_ONCE(element->length);
	struct purlin_flight *flight;

	if (head >= device->queue_size)
		return false;
	flight = &queue->flights[head];
	if (!flight->pieces || written > flight->writable)
		return false;
	queue->used_index++;
	if (!flight->orphan)
		deliver(queue, flight, written);
	flight_free(queue, head);
	return true;
}

bool purlin_queue_collect(struct purlin_queue *queue)
{
	unsigned long flags;
	bool wrong = false;
	u16 before, count;

	spin_lock_irqsave(&queue->lock, flags);
	before = queue->answered;
	/* As many as there are now: a server that goes on writing gets no more of our time. */
	count = virt_load_acquire(&queue->used->index) - queue->used_index;
	if (READ_ONCE(queue->device->failed))
		count = 0;
	while (count-- && !wrong)
		wrong = !collect_one(queue);
	before = queue->answered - before;
	spin_unlock_irqrestore(&queue->lock, flags);
	if (wrong)
		purlin_virtio_fail(queue->device, "the server answers what was not asked");
	return before;
}

/*
 * What the server does no more: a disk says so in its last byte; what was to be sent is lost, and
 * its memory free again. Buffers to receive stay with the queue, as nothing will come: the driver
 * would only offer them again. False: it is such a one.
 */
static bool answer_error(struct purlin_queue *queue, u16 driver_head)
{
	u8 *last = purlin_last_byte(&queue->ring, driver_head);

	if (last && !is_block(queue))
		return false;
	if (last)
		*last = VIRTIO_BLK_S_IOERR;
	answer(queue, driver_head, last ? 1 : 0);
	return true;
}

/*
 * The server may be there still, and write to what it was lent after the driver has got its answer.
 */
static unsigned int keep(struct purlin_queue *queue, const struct purlin_flight *flight)
{
	return queue->device->lent && flight->pieces && !flight->orphan ?
		       purlin_pages_keep(&queue->ring, flight->head) :
		       0;
}

static void keep_say(struct purlin_queue *queue, unsigned int kept)
{
	if (kept)
		dev_warn(queue->device->vdev.dev.parent,
			 "%u pages that its server may still write to stay out of use\n", kept);
}

bool purlin_queue_fail(struct purlin_queue *queue)
{
	u16 size = queue->device->queue_size, head, i;
	unsigned int kept = 0;
	unsigned long flags;
	u16 before;

	spin_lock_irqsave(&queue->lock, flags);
	before = queue->answered;
	for (i = 0; i < size; i++) {
		kept += keep(queue, &queue->flights[i]);
		if (queue->flights[i].pieces && (queue->flights[i].orphan ||
						 answer_error(queue, queue->flights[i].head)))
			flight_free(queue, i);
	}
	while (driver_next(queue, &head) && answer_error(queue, head))
		queue->taken++;
	before = queue->answered - before;
	spin_unlock_irqrestore(&queue->lock, flags);
	keep_say(queue, kept);
	return before;
}

void purlin_queue_open(struct purlin_queue *queue, struct virtqueue *vq)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	queue->ring = *virtqueue_get_vring(vq);
	queue->taken = 0;
	queue->answered = 0;
	queue->at_once = queue->device->vdev.id.device == VIRTIO_ID_CONSOLE &&
			 vq->index == CONSOLE_TRANSMIT;
	queue->vq = vq;
	spin_unlock_irqrestore(&queue->lock, flags);
}

void purlin_queue_close(struct purlin_queue *queue)
{
	unsigned int i, kept = 0;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	queue->vq = NULL;
	for (i = 0; i < queue->device->queue_size; i++) {
		kept += keep(queue, &queue->flights[i]);
		queue->flights[i].orphan = true;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	keep_say(queue, kept);
}

int purlin_queue_init(struct purlin_virtio *device, unsigned int index)
{
	struct purlin_queue *queue = &device->queue[index];
	u16 size = device->queue_size, i;
	void *base = device->memory + VIRTIO_QUEUE(size, index);

	spin_lock_init(&queue->lock);
	queue->device = device;
	queue->descriptors = base;
	queue->available = base + VIRTIO_AVAILABLE(size);
	queue->used = base + VIRTIO_USED(size);
	queue->free_count = size;
	queue->next_free = kcalloc(size, sizeof(*queue->next_free), GFP_KERNEL);
	queue->flights = kcalloc(size, sizeof(*queue->flights), GFP_KERNEL);
	if (!queue->next_free || !queue->flights)
		return -ENOMEM;
	for (i = 0; i < size; i++)
		queue->next_free[i] = i + 1;
	return 0;
}
