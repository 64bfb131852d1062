// SPDX-License-Identifier: GPL-2.0
/*
 * The server's end of a device session's queues (session/virtio.h). Whatever a client writes there
 * costs a bounded amount of work and ends its own session. The record of what is in flight is
 * written so that an end of this Linux between any two stores leaves a state in which the next one
 * knows what was taken and what was answered.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/virtio_ring.h>
#include "serve.h"

#define FIELD(base, type, member)	((base) + offsetof(type, member))
#define CONTROL(member)			offsetof(struct virtio_control, member)

/* Queues and tables lie in the session's own memory, and have been found to. */
static void *own(const struct purlin_ring *ring, u64 offset)
{
	return ring->lent.part[0].base + offset;
}

/* One access, of a constant size. If it faults, purlin_lent_read() finds out why. */
static __always_inline u64 own_get(struct purlin_ring *ring, u64 offset, unsigned int bytes)
{
	u64 value = 0;

	if (unlikely(ring->lent.gone))
		return 0;
	switch (bytes) {
	case sizeof(u16):
		__get_kernel_nofault(&value, own(ring, offset), u16, fault);
		break;
	case sizeof(u32):
		__get_kernel_nofault(&value, own(ring, offset), u32, fault);
		break;
	default:
		__get_kernel_nofault(&value, own(ring, offset), u64, fault);
	}
	return value;
fault:
	purlin_lent_read(&ring->lent, own(ring, offset), &value, bytes);
	return value;
}

static __always_inline void own_put(struct purlin_ring *ring, u64 offset, u64 value,
				    unsigned int bytes)
{
	if (unlikely(ring->lent.gone))
		return;
	switch (bytes) {
	case sizeof(u16):
		__put_kernel_nofault(own(ring, offset), &value, u16, fault);
		break;
	case sizeof(u32):
		__put_kernel_nofault(own(ring, offset), &value, u32, fault);
		break;
	default:
		__put_kernel_nofault(own(ring, offset), &value, u64, fault);
	}
	return;
fault:
	purlin_lent_write(&ring->lent, own(ring, offset), &value, bytes);
}

#define GET(ring, type, offset)						\
	({								\
		type _value = own_get(ring, offset, sizeof(_value));	\
		/* Before what it makes valid. */			\
		virt_rmb();						\
		_value;							\
	})
#define PUT(ring, type, offset, number)					\
	do {								\
		type _value = (number);					\
		/* After what it makes valid. */			\
		virt_wmb();						\
		own_put(ring, offset, _value, sizeof(_value));		\
	} while (0)

static u64 flight_order(const struct purlin_ring_queue *queue, u16 number)
{
	return queue->record + offsetof(struct virtio_record, flight) +
	       number * sizeof(struct virtio_flight);
}

static void ring_break(struct purlin_ring *ring, unsigned int queue, u32 reason)
{
	ring->over = true;
	if (ring->lent.gone)
		return;
	PUT(ring, u32, CONTROL(reason_queue), queue);
	PUT(ring, u32, CONTROL(reason), reason);
	PUT(ring, u32, CONTROL(state), VIRTIO_STATE_BROKEN);
}

static void queue_place(struct purlin_ring *ring, unsigned int index)
{
	struct purlin_ring_queue *queue = &ring->queue[index];
	u16 size = ring->queue_size;

	memset(queue, 0, sizeof(*queue));
	queue->descriptors = VIRTIO_QUEUE(size, index);
	queue->available = queue->descriptors + VIRTIO_AVAILABLE(size);
	queue->used = queue->descriptors + VIRTIO_USED(size);
	queue->record = queue->descriptors + VIRTIO_RECORD(size);
}

static unsigned int in_flight(struct purlin_ring *ring, const struct purlin_ring_queue *queue)
{
	unsigned int i, count = 0;

	for (i = 0; i < ring->queue_size; i++)
		count += GET(ring, u64, flight_order(queue, i)) != 0;
	return count;
}

/*
 * Find out where the earlier life stopped. An answer that it has published, without coming to the
 * end of that, is finished. What is marked then was taken and not answered; whatever was taken is
 * either marked or answered, and that tells how far the available ring was read.
 */
static bool queue_resume(struct purlin_ring *ring, struct purlin_ring_queue *queue)
{
	u16 used = GET(ring, u16, FIELD(queue->used, struct virtio_used, index));
	u16 answered = GET(ring, u16, FIELD(queue->record, struct virtio_record, answered));
	u16 answering = GET(ring, u16, FIELD(queue->record, struct virtio_record, answering));

	if (used != answered) {
		if (used != (u16)(answered + 1) || answering >= ring->queue_size)
			return false;
		PUT(ring, u64, flight_order(queue, answering), 0);
		PUT(ring, u16, FIELD(queue->record, struct virtio_record, answered), used);
	}
	queue->used_index = used;
	queue->next_available = used + in_flight(ring, queue);
	queue->taken = GET(ring, u64, FIELD(queue->record, struct virtio_record, taken));
	queue->again_end = queue->taken;
	return true;
}

static void config_put(struct purlin_ring *ring, const struct purlin_serve_info *info)
{
	u32 generation = GET(ring, u32, CONTROL(config_generation)) | 1;

	/* Odd while it changes: the client reads again. */
	PUT(ring, u32, CONTROL(config_generation), generation);
	purlin_lent_write(&ring->lent, own(ring, CONTROL(config)), info->config,
			  info->config_bytes);
	PUT(ring, u32, CONTROL(config_generation), generation + 1);
}

int purlin_ring_start(struct purlin_ring *ring, const struct purlin_serve_info *info)
{
	bool sane = true;
	unsigned int i;

	/* The broker has compared these with the offer; the sizes decide what is in bounds here. */
	if (!ring->queue_size || !is_power_of_2(ring->queue_size) ||
	    ring->queue_size > info->queue_size ||
	    ring->lent.part[0].bytes <= VIRTIO_POOL(ring->queue_size, info->queues))
		return -EINVAL;
	ring->queues = info->queues;
	ring->pool = VIRTIO_POOL(ring->queue_size, info->queues);
	/* For good: what a client has broken does not mend by a new life of the server. */
	ring->over = GET(ring, u32, CONTROL(state)) == VIRTIO_STATE_BROKEN;
	for (i = 0; i < ring->queues; i++) {
		queue_place(ring, i);
		ring->queue[i].table = kcalloc(PURLIN_SEGMENTS, sizeof(*ring->queue[i].table),
					       GFP_KERNEL);
		if (!ring->queue[i].table)
			return -ENOMEM;
		sane = queue_resume(ring, &ring->queue[i]) && sane;
	}
	PUT(ring, u32, CONTROL(type), info->type);
	PUT(ring, u64, CONTROL(features), ring->features);
	PUT(ring, u32, CONTROL(queue_size), ring->queue_size);
	PUT(ring, u32, CONTROL(lives), GET(ring, u32, CONTROL(lives)) + 1);
	if (!ring->over) {
		PUT(ring, u32, CONTROL(state), VIRTIO_STATE_RUNNING);
		if (!sane)
			ring_break(ring, 0, VIRTIO_BROKEN_INDEX);
	}
	config_put(ring, info);
	return ring->lent.gone ? -EFAULT : 0;
}

void purlin_ring_stop(struct purlin_ring *ring)
{
	unsigned int i;

	for (i = 0; i < ring->queues; i++) {
		kfree(ring->queue[i].table);
		ring->queue[i].table = NULL;
	}
}

/* The oldest request of earlier lives that has not been looked at again; queue_size: none. */
static u16 again_find(struct purlin_ring *ring, struct purlin_ring_queue *queue)
{
	u64 best = queue->again_end + 1;
	u16 found = ring->queue_size, i;

	if (queue->again == queue->again_end)
		return found;
	for (i = 0; i < ring->queue_size; i++) {
		u64 order = GET(ring, u64, flight_order(queue, i));

		if (order > queue->again && order < best) {
			best = order;
			found = i;
		}
	}
	queue->again = found < ring->queue_size ? best : queue->again_end;
	return found;
}

/* A new number of the available ring: *head is queue_size if there is none. 0 or the reason. */
static u32 number_take(struct purlin_ring *ring, struct purlin_ring_queue *queue, u16 *head)
{
	u16 index = GET(ring, u16, FIELD(queue->available, struct virtio_available, index));
	u16 ready = index - queue->next_available;
	u64 place = FIELD(queue->available, struct virtio_available, ring) +
		    sizeof(u16) * (queue->next_available % ring->queue_size);

	*head = ring->queue_size;
	if (!ready || ring->lent.gone)
		return 0;
	if (ready > ring->queue_size)
		return VIRTIO_BROKEN_INDEX;
	*head = GET(ring, u16, place);
	if (*head >= ring->queue_size || GET(ring, u64, flight_order(queue, *head)))
		return VIRTIO_BROKEN_HEAD;
	/*
	 * Counted before it is marked: no order is given twice if this Linux ends in between. The
	 * number is then found in the ring again.
	 */
	queue->next_available++;
	queue->taken++;
	PUT(ring, u64, FIELD(queue->record, struct virtio_record, taken), queue->taken);
	PUT(ring, u64, flight_order(queue, *head), queue->taken);
	return 0;
}

struct walk {
	u64 table;		/* offset */
	unsigned int entries, steps;
	bool indirect;
	const struct virtio_descriptor *copy;	/* of the table; NULL: there is none */
};

/* In the pool, or in what is lent besides. */
static void *in_reach(const struct purlin_ring *ring, u64 offset, u64 length)
{
	return purlin_lent_place(&ring->lent, ring->pool, offset, length);
}

static u32 table_enter(struct purlin_ring *ring, struct purlin_ring_queue *queue,
		       struct walk *walk, const struct virtio_descriptor *at)
{
	unsigned int entries = at->length / sizeof(*at);
	void *place;

	if (walk->indirect || !(ring->features & VIRTIO_FEATURE_INDIRECT) ||
	    (at->flags & VIRTIO_DESCRIPTOR_NEXT) || at->length % sizeof(*at) ||
	    entries > VIRTIO_QUEUE_SIZE_MAX || at->address % sizeof(*at))
		return VIRTIO_BROKEN_INDIRECT;
	place = at->address < VIRTIO_LENT ? in_reach(ring, at->address, at->length) : NULL;
	if (!place)
		return VIRTIO_BROKEN_ADDRESS;
	*walk = (struct walk){ at->address, entries, 0, true };
	/* A longer one is more than a request may have; it is read as far as that goes. */
	if (entries <= PURLIN_SEGMENTS) {
		purlin_lent_read(&ring->lent, place, queue->table, at->length);
		walk->copy = queue->table;
	}
	return 0;
}

static u32 segment_add(const struct purlin_ring *ring, struct purlin_chain *chain,
		       const struct virtio_descriptor *at)
{
	bool write = at->flags & VIRTIO_DESCRIPTOR_WRITE;
	void *place = in_reach(ring, at->address, at->length);

	if (!place)
		return VIRTIO_BROKEN_ADDRESS;
	if (chain->writable && !write)
		return VIRTIO_BROKEN_ORDER;
	if (chain->segments == PURLIN_SEGMENTS)
		return VIRTIO_BROKEN_LOOP;
	if (at->length > VIRTIO_CHAIN_BYTES - chain->readable - chain->writable)
		return VIRTIO_BROKEN_LENGTH;
	chain->segment[chain->segments++] =
		(struct purlin_segment){ place, at->length, write };
	*(write ? &chain->writable : &chain->readable) += at->length;
	return 0;
}

static u32 chain_parse(struct purlin_ring *ring, struct purlin_ring_queue *queue, u16 head,
		       struct purlin_chain *chain)
{
	struct walk walk = { .table = queue->descriptors, .entries = ring->queue_size };
	unsigned int index = head;

	chain->head = head;
	chain->segments = 0;
	chain->readable = 0;
	chain->writable = 0;
	for (;;) {
		struct virtio_descriptor at;
		u64 place = walk.table + index * sizeof(at);
		u32 broken;

		if (index >= walk.entries)
			return VIRTIO_BROKEN_HEAD;
		/* More steps than entries: it comes back to where it was. */
		if (walk.steps++ == walk.entries)
			return VIRTIO_BROKEN_LOOP;
		/* The client may change it meanwhile: everything is decided by this copy. */
		if (walk.copy) {
			at = walk.copy[index];
		} else {
			((u64 *)&at)[0] = GET(ring, u64, place);
			((u64 *)&at)[1] = GET(ring, u64, place + sizeof(u64));
		}
		if (ring->lent.gone)
			return VIRTIO_BROKEN_ADDRESS;
		index = at.next;
		if (at.flags & VIRTIO_DESCRIPTOR_INDIRECT) {
			broken = table_enter(ring, queue, &walk, &at);
			index = 0;
			at.flags = VIRTIO_DESCRIPTOR_NEXT;
		} else {
			broken = segment_add(ring, chain, &at);
		}
		if (broken || !(at.flags & VIRTIO_DESCRIPTOR_NEXT))
			return broken;
	}
}

bool purlin_ring_next(struct purlin_ring *ring, unsigned int index, struct purlin_chain *chain)
{
	struct purlin_ring_queue *queue = &ring->queue[index];
	u32 broken = 0;
	u16 head;

	if (ring->over)
		return false;
	head = again_find(ring, queue);
	chain->again = head < ring->queue_size;
	if (!chain->again)
		broken = number_take(ring, queue, &head);
	if (!broken && head < ring->queue_size)
		broken = chain_parse(ring, queue, head, chain);
	if (broken)
		ring_break(ring, index, broken);
	if (ring->lent.gone)
		ring->over = true;
	return !ring->over && head < ring->queue_size;
}

bool purlin_ring_answer(struct purlin_ring *ring, unsigned int index, u16 head, u32 written)
{
	struct purlin_ring_queue *queue = &ring->queue[index];
	u64 element = FIELD(queue->used, struct virtio_used, ring) +
		      sizeof(struct virtio_used_element) * (queue->used_index % ring->queue_size);
	u16 flags;

	if (ring->over)
		return false;
	PUT(ring, u16, FIELD(queue->record, struct virtio_record, answering), head);
	PUT(ring, u32, FIELD(element, struct virtio_used_element, id), head);
	PUT(ring, u32, FIELD(element, struct virtio_used_element, length), written);
	queue->used_index++;
	/* From here on it is answered, whatever happens to this Linux. */
	PUT(ring, u16, FIELD(queue->used, struct virtio_used, index), queue->used_index);
	PUT(ring, u64, flight_order(queue, head), 0);
	PUT(ring, u16, FIELD(queue->record, struct virtio_record, answered), queue->used_index);
	/* The client sets its wish before it looks at the index: so one of the two is seen. */
	virt_mb();
	flags = GET(ring, u16, FIELD(queue->available, struct virtio_available, flags));
	return !(flags & VIRTIO_QUIET);
}

void purlin_ring_signals(struct purlin_ring *ring, unsigned int queue, bool wanted)
{
	PUT(ring, u16, FIELD(ring->queue[queue].used, struct virtio_used, flags),
	    wanted ? 0 : VIRTIO_QUIET);
	/* The client's index is read after this, so that one of the two is seen. */
	virt_mb();
}

/* Go through the bytes from `at` on, of one direction; with `to` or with `from`. */
static bool transfer(struct purlin_ring *ring, const struct purlin_chain *chain, u32 at, void *to,
		     const void *from, unsigned int bytes)
{
	unsigned int i, some;

	for (i = 0; i < chain->segments && bytes; i++) {
		const struct purlin_segment *segment = &chain->segment[i];

		if (segment->write != !to)
			continue;
		if (at >= segment->length) {
			at -= segment->length;
			continue;
		}
		some = min(segment->length - at, bytes);
		if (to && !purlin_lent_read(&ring->lent, segment->place + at, to, some))
			return false;
		if (!to && !purlin_lent_write(&ring->lent, segment->place + at, from, some))
			return false;
		to = to ? to + some : NULL;
		from = from ? from + some : NULL;
		bytes -= some;
		at = 0;
	}
	return !bytes;
}

bool purlin_chain_read(struct purlin_ring *ring, const struct purlin_chain *chain, u32 at,
		       void *to, unsigned int bytes)
{
	return transfer(ring, chain, at, to, NULL, bytes);
}

bool purlin_chain_write(struct purlin_ring *ring, const struct purlin_chain *chain, u32 at,
			const void *from, unsigned int bytes)
{
	return transfer(ring, chain, at, NULL, from, bytes);
}
