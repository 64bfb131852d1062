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

/* Guest-physical: above all that a machine has, so neither RAM nor device memory lies there. */
#define LENT_BASE	BIT_ULL(50)
#define LENT_STEP	BIT_ULL(40)
#define RIGHTS		(PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define MOST_PAGES	0x10000ULL

int purlin_lent_map(struct purlin_lent *lent, unsigned int slot, u64 pages, unsigned int number)
{
	struct vm_struct *area;
	long status;

	memset(lent, 0, sizeof(*lent));
	if (!pages || pages > MOST_PAGES)
		return -EINVAL;
	area = get_vm_area(pages << PAGE_SHIFT, VM_IOREMAP);
	if (!area)
		return -ENOMEM;
	lent->base = area->addr;
	lent->bytes = pages << PAGE_SHIFT;
	lent->address = LENT_BASE + number * LENT_STEP;
	status = purlin_guest_attach(PURLIN_SLOT_PD, lent->address, slot, 0, pages, RIGHTS);
	if (!status) {
		/* Not by a batch: an entry that names memory which has just gone ends a guest. */
		status = purlin_guest_map(PURLIN_SLOT_PD, (unsigned long)lent->base, lent->address,
					  pages, RIGHTS);
		if (status)
			purlin_guest_detach(PURLIN_SLOT_PD, lent->address);
	}
	if (status) {
		free_vm_area(area);
		lent->base = NULL;
		return purlin_errno(status);
	}
	lent->slot = slot;
	return 0;
}

void purlin_lent_unmap(struct purlin_lent *lent)
{
	if (!lent->base)
		return;
	/* Both are refused if the memory is gone, and have nothing to do then. */
	purlin_guest_unmap(PURLIN_SLOT_PD, (unsigned long)lent->base, lent->bytes >> PAGE_SHIFT);
	purlin_guest_detach(PURLIN_SLOT_PD, lent->address);
	purlin_slot_release(lent->slot);
	free_vm_area(find_vm_area(lent->base));
	lent->base = NULL;
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

bool purlin_lent_read(struct purlin_lent *lent, u64 offset, void *to, unsigned int bytes)
{
	if (!lent->gone && copy_in(to, lent->base + offset, bytes))
		lent->gone = true;
	if (lent->gone)
		memset(to, 0, bytes);
	return !lent->gone;
}

bool purlin_lent_write(struct purlin_lent *lent, u64 offset, const void *from, unsigned int bytes)
{
	if (!lent->gone && copy_out(lent->base + offset, from, bytes))
		lent->gone = true;
	return !lent->gone;
}
