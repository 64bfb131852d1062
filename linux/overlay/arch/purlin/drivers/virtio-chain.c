// SPDX-License-Identifier: GPL-2.0
/*
 * Requests in the ring of a virtio driver, and how they lie in one piece of a session's memory. The
 * ring is Linux's own, so what stands there is right.
 */
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "virtio.h"

#define SECTOR	512

struct walk {
	const struct vring_desc *table, *at;
};

static const struct vring_desc *walk_first(const struct vring *ring, u16 head, struct walk *walk)
{
	const struct vring_desc *first = &ring->desc[head];

	walk->table = ring->desc;
	if (le16_to_cpu((__force __le16)first->flags) & VRING_DESC_F_INDIRECT) {
		walk->table = phys_to_virt(le64_to_cpu((__force __le64)first->addr));
		first = walk->table;
	}
	walk->at = first;
	return first;
}

static const struct vring_desc *walk_next(struct walk *walk)
{
	if (!(le16_to_cpu((__force __le16)walk->at->flags) & VRING_DESC_F_NEXT))
		return NULL;
	walk->at = &walk->table[le16_to_cpu((__force __le16)walk->at->next)];
	return walk->at;
}

static u32 length_of(const struct vring_desc *segment)
{
	return le32_to_cpu((__force __le32)segment->len);
}

static void *data_of(const struct vring_desc *segment)
{
	return phys_to_virt(le64_to_cpu((__force __le64)segment->addr));
}

static bool is_write(const struct vring_desc *segment)
{
	return le16_to_cpu((__force __le16)segment->flags) & VRING_DESC_F_WRITE;
}

/*
 * Data that is lent: whole sectors, in pages of their own. What lies in a slab is copied, for it
 * shares a page with others, and so is what the driver itself reads, such as the status.
 */
static bool is_lent(const struct vring_desc *segment, bool lend)
{
	return lend && length_of(segment) >= SECTOR && !(length_of(segment) % SECTOR) &&
	       !PageSlab(compound_head(virt_to_page(data_of(segment))));
}

static void layout_add_lent(struct purlin_layout *layout, const struct vring_desc *segment)
{
	layout->piece[layout->pieces++] = (struct purlin_piece){
		.offset = VIRTIO_LENT + virt_to_phys(data_of(segment)),
		.bytes = length_of(segment),
		.write = is_write(segment),
	};
	layout->lent += length_of(segment);
}

/*
 * One piece for each run of one direction; but data begins with a sector of its own, so that a
 * server can hand it to a device as it lies there.
 */
static void layout_add(struct purlin_layout *layout, u32 length, bool write)
{
	struct purlin_piece *last = layout->pieces ? &layout->piece[layout->pieces - 1] : NULL;
	bool own = last && last->offset < VIRTIO_LENT && last->write == write;
	bool apart = own && last->bytes % SECTOR && length >= SECTOR &&
		     layout->pieces < PURLIN_PIECES - 1 && !write;

	if (!own || apart) {
		/* What the server writes stays together: it is read from one place. */
		if (!layout->own)
			layout->bytes = ALIGN(layout->bytes, SECTOR);
		last = &layout->piece[layout->pieces++];
		*last = (struct purlin_piece){ .offset = layout->bytes, .write = write };
	}
	last->bytes += length;
	layout->bytes += length;
	if (write)
		layout->own += length;
}

void purlin_layout_make(const struct vring *ring, u16 head, bool lend, struct purlin_layout *layout)
{
	const struct vring_desc *segment;
	struct walk walk;

	layout->pieces = 0;
	layout->bytes = 0;
	layout->lent = 0;
	layout->writable = 0;
	layout->own = 0;
	layout->last = NULL;
	for (segment = walk_first(ring, head, &walk); segment; segment = walk_next(&walk)) {
		if (is_lent(segment, lend))
			layout_add_lent(layout, segment);
		else
			layout_add(layout, length_of(segment), is_write(segment));
		if (is_write(segment)) {
			layout->writable += length_of(segment);
			layout->last = (u8 *)data_of(segment) + length_of(segment) - 1;
		}
	}
}

/* By string instructions, as the server's copies. Nothing faults: all of it is Linux's memory. */
static void data_copy(void *to, const void *from, unsigned int bytes)
{
	WARN_ON_ONCE(raw_copy_from_user(to, (__force const void __user *)from, bytes));
}

/* As layout_add() has placed them. */
void purlin_copy_in(const struct vring *ring, u16 head, bool lend,
		    const struct purlin_layout *layout, u8 *buffer)
{
	const struct purlin_piece *piece = layout->piece;
	const struct vring_desc *segment;
	unsigned int done = 0;
	struct walk walk;

	for (segment = walk_first(ring, head, &walk); segment && !is_write(segment);
	     segment = walk_next(&walk)) {
		if (done == piece->bytes) {
			piece++;
			done = 0;
		}
		if (!is_lent(segment, lend))
			data_copy(buffer + piece->offset + done, data_of(segment),
				  length_of(segment));
		done += length_of(segment);
	}
}

void purlin_copy_out(const struct vring *ring, u16 head, bool lend, const u8 *from,
		     unsigned int bytes)
{
	const struct vring_desc *segment;
	struct walk walk;

	for (segment = walk_first(ring, head, &walk); segment && bytes;
	     segment = walk_next(&walk)) {
		unsigned int part;

		if (!is_write(segment))
			continue;
		part = min(bytes, length_of(segment));
		bytes -= part;
		if (is_lent(segment, lend))
			continue;
		data_copy(data_of(segment), from, part);
		from += part;
	}
}

unsigned int purlin_pages_keep(const struct vring *ring, u16 head)
{
	const struct vring_desc *segment;
	unsigned int kept = 0;
	struct walk walk;

	for (segment = walk_first(ring, head, &walk); segment; segment = walk_next(&walk)) {
		u8 *at = PTR_ALIGN_DOWN((u8 *)data_of(segment), PAGE_SIZE);
		u8 *end = (u8 *)data_of(segment) + length_of(segment);

		if (!is_write(segment) || !is_lent(segment, true))
			continue;
		for (; at < end; at += PAGE_SIZE, kept++)
			get_page(virt_to_page(at));
	}
	return kept;
}

u8 *purlin_last_byte(const struct vring *ring, u16 head)
{
	const struct vring_desc *segment;
	struct walk walk;
	u8 *last = NULL;

	for (segment = walk_first(ring, head, &walk); segment; segment = walk_next(&walk))
		if (is_write(segment))
			last = (u8 *)data_of(segment) + length_of(segment) - 1;
	return last;
}
