// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that clients lend. The client keeps it and may destroy it at any moment; then the
 * microkernel takes the mapping away at once, and an access faults. So no page table of Linux and
 * no batch ever names it: the microkernel maps it into a range of addresses that Linux only
 * reserves, and every access is prepared for a fault.
 */
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/session.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include "serve.h"

/*
 * Guest-physical: above all that a machine has, so neither RAM nor device memory lies there. The
 * parts of a session follow each other, each from a large page on.
 */
#define LENT_BASE	BIT_ULL(50)
#define LENT_STEP	BIT_ULL(40)
#define RIGHTS		(PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define LARGE_PAGE	BIT_ULL(21)
#define MAPPED_AGAIN	64	/* times in one access: as often as sessions end meanwhile */

/* Of a session's parts: behind those that it has. */
static u64 next_address(const struct purlin_lent *lent, unsigned int number)
{
	const struct purlin_lent_part *last = &lent->part[lent->count - 1];

	return lent->count ? ALIGN(last->address + last->bytes, LARGE_PAGE) :
			     LENT_BASE + number * LENT_STEP;
}

/* Not by a batch: an entry that names memory which has just gone ends a guest. */
static long part_show(const struct purlin_lent_part *part)
{
	return purlin_guest_map(PURLIN_SLOT_PD, (unsigned long)part->base, part->address,
				part->bytes >> PAGE_SHIFT, RIGHTS);
}

static int part_map(struct purlin_lent_part *part, u64 first)
{
	long status = purlin_guest_attach(PURLIN_SLOT_PD, part->address, part->slot, first,
					  part->bytes >> PAGE_SHIFT, RIGHTS);

	if (status)
		return purlin_errno(status);
	status = part_show(part);
	if (status)
		purlin_guest_detach(PURLIN_SLOT_PD, part->address);
	return purlin_errno(status);
}

int purlin_lent_map(struct purlin_lent *lent, unsigned int number, unsigned int slot, u64 offset,
		    u64 first, u64 pages)
{
	struct purlin_lent_part *part = &lent->part[lent->count];
	u64 address = next_address(lent, number);
	u64 end = LENT_BASE + (number + 1) * LENT_STEP;
	struct vm_struct *area;
	int ret;

	if (!pages || lent->count == ARRAY_SIZE(lent->part) || address >= end ||
	    pages > (end - address) >> PAGE_SHIFT)
		return -EINVAL;
	/* With room to begin with a large page: then the microkernel needs no tables for it. */
	area = get_vm_area((pages << PAGE_SHIFT) + LARGE_PAGE, VM_IOREMAP);
	if (!area)
		return -ENOMEM;
	*part = (struct purlin_lent_part){
		.offset = offset,
		.bytes = pages << PAGE_SHIFT,
		.base = PTR_ALIGN(area->addr, LARGE_PAGE),
		.area = area->addr,
		.address = address,
		.slot = slot,
	};
	ret = part_map(part, first);
	if (ret)
		free_vm_area(area);
	else
		lent->count++;
	return ret;
}

void purlin_lent_unmap(struct purlin_lent *lent)
{
	while (lent->count) {
		struct purlin_lent_part *part = &lent->part[--lent->count];

		/* Both are refused if the memory is gone, and have nothing to do then. */
		purlin_guest_unmap(PURLIN_SLOT_PD, (unsigned long)part->base,
				   part->bytes >> PAGE_SHIFT);
		purlin_guest_detach(PURLIN_SLOT_PD, part->address);
		purlin_slot_release(part->slot);
		free_vm_area(find_vm_area(part->area));
	}
}

void *purlin_lent_place(const struct purlin_lent *lent, u64 from, u64 offset, u64 bytes)
{
	unsigned int i;

	if (offset < from || !bytes)
		return NULL;
	for (i = 0; i < lent->count; i++) {
		const struct purlin_lent_part *part = &lent->part[i];
		u64 at = offset - part->offset;

		if (at < part->bytes)
			return bytes <= part->bytes - at ? part->base + at : NULL;
	}
	return NULL;
}

static const struct purlin_lent_part *part_at(const struct purlin_lent *lent, const void *place)
{
	const struct purlin_lent_part *part = lent->part;

	while (place - part->base >= part->bytes)
		part++;
	return part;
}

/*
 * What has the size of a word is read or written in one access; data goes by string instructions.
 * Not 0: it is not there.
 */
static unsigned long copy_in(void *to, const void *from, unsigned int bytes)
{
	if (bytes <= sizeof(struct virtio_descriptor))
		return copy_from_kernel_nofault(to, from, bytes) != 0;
	return raw_copy_from_user(to, (__force const void __user *)from, bytes);
}

static unsigned long copy_out(void *to, const void *from, unsigned int bytes)
{
	if (bytes <= sizeof(struct virtio_descriptor))
		return copy_to_kernel_nofault(to, from, bytes) != 0;
	return raw_copy_to_user((__force void __user *)to, from, bytes);
}

/*
 * Several sessions of a client lend the same RAM. When one of them ends, its attachment goes, and
 * with it all mappings of that memory, for entries of tables do not say by which attachment they
 * are. So an access that faults maps its part again: this fails if the memory itself is gone.
 */
static noinline bool again(struct purlin_lent *lent, void *place, void *to, const void *from,
			   unsigned int bytes)
{
	const struct purlin_lent_part *part = part_at(lent, place);
	unsigned int tries;

	for (tries = 0; tries < MAPPED_AGAIN && !part_show(part); tries++)
		if (to ? !copy_in(to, place, bytes) : !copy_out(place, from, bytes))
			return true;
	return false;
}

bool purlin_lent_read(struct purlin_lent *lent, const void *place, void *to, unsigned int bytes)
{
	if (likely(!lent->gone) && likely(!copy_in(to, place, bytes)))
		return true;
	if (!lent->gone && again(lent, (void *)place, to, NULL, bytes))
		return true;
	lent->gone = true;
	memset(to, 0, bytes);
	return false;
}

bool purlin_lent_write(struct purlin_lent *lent, void *place, const void *from, unsigned int bytes)
{
	if (likely(!lent->gone) && likely(!copy_out(place, from, bytes)))
		return true;
	if (!lent->gone && again(lent, place, NULL, from, bytes))
		return true;
	lent->gone = true;
	return false;
}
