// SPDX-License-Identifier: GPL-2.0
/*
 * Base address registers: memory becomes guest-physical memory at its bus
 * address, so that resources and ioremap() work as natively; ports get a
 * capability each.
 */
#include <linux/device.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/ports.h>
#include <asm/session.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include "pci-host.h"
#include "pci-session.h"

#define BAR_COUNT 7	/* with the expansion ROM */

/* What a device has here: memory at a guest-physical address, or ports. */
struct attached {
	struct list_head list;
	u64 bdf;
	u64 address;
	unsigned int slot;
	bool ports;
};

static int note(struct purlin_pci *pci, u64 bdf, u64 address, unsigned int slot, bool ports)
{
	struct attached *attached = kzalloc(sizeof(*attached), GFP_KERNEL);

	if (!attached)
		return -ENOMEM;
	attached->bdf = bdf;
	attached->address = address;
	attached->slot = slot;
	attached->ports = ports;
	list_add(&attached->list, &pci->attached);
	return 0;
}

static int attach_piece(struct purlin_pci *pci, u64 bdf, u64 bus_address, u64 pages,
			unsigned int slot)
{
	long status;

	status = purlin_guest_attach(PURLIN_SLOT_PD, bus_address, slot, 0,
				     pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	if (!status)
		return note(pci, bdf, bus_address, slot, false);
	purlin_slot_release(slot);
	/* Two small BARs of a device can lie in one page. */
	return status == PURLIN_OVERLAP ? 0 : purlin_errno(status);
}

/* The pieces leave room for what the platform keeps to itself. */
static int attach_memory(struct purlin_pci *pci, u64 bdf, unsigned int bar,
			 u64 bus_address)
{
	unsigned int piece, slot;
	int ret;

	for (piece = 0; ; piece++) {
		u64 words[3] = { bdf, bar, piece };

		ret = purlin_call(pci->session, PCI_BAR_PIECE, words, 3, 2,
				  &slot);
		if (ret == -ENODEV)
			return 0;
		if (!ret)
			ret = attach_piece(pci, bdf,
					   (bus_address & PAGE_MASK) +
					   words[0] * PAGE_SIZE,
					   words[1], slot);
		if (ret)
			return ret;
	}
}

static int attach_bar(struct purlin_pci *pci, u64 bdf, unsigned int bar)
{
	u64 words[5] = { bdf, bar };
	unsigned int slot;
	int ret;

	ret = purlin_call(pci->session, PCI_BAR, words, 2, 5, NULL);
	if (ret)
		return ret;

	switch (words[0] & 0xff) {
	case PCI_BAR_MEMORY:
		return attach_memory(pci, bdf, bar, words[1]);
	case PCI_BAR_PORTS:
		/* Again, to receive the capability. */
		words[0] = bdf;
		words[1] = bar;
		ret = purlin_call(pci->session, PCI_BAR, words, 2, 5, &slot);
		ret = ret ?: purlin_ports_add(words[1], words[2], slot);
		return ret ?: note(pci, bdf, words[1], slot, true);
	default:
		return 0;
	}
}

void purlin_pci_attach_device(struct purlin_pci *pci, u64 bdf)
{
	unsigned int bar;
	int ret;

	for (bar = 0; bar < BAR_COUNT; bar++) {
		ret = attach_bar(pci, bdf, bar);
		if (ret)
			dev_warn(pci->dev,
				 "%02llx.%llx: BAR %u not reachable, error %d\n",
				 (bdf >> 3) & 0x1f, bdf & 7, bar, ret);
	}
}

void purlin_pci_detach_device(struct purlin_pci *pci, u64 bdf)
{
	struct attached *attached, *next;

	list_for_each_entry_safe(attached, next, &pci->attached, list) {
		if (attached->bdf != bdf)
			continue;
		if (attached->ports)
			purlin_ports_remove(attached->address);
		else
			purlin_guest_detach(PURLIN_SLOT_PD, attached->address);
		purlin_slot_release(attached->slot);
		list_del(&attached->list);
		kfree(attached);
	}
}

int purlin_pci_attach_devices(struct purlin_pci *pci)
{
	unsigned int index;
	int ret;

	for (index = 0; ; index++) {
		u64 words[4] = { index };

		ret = purlin_call(pci->session, PCI_DEVICE, words, 1, 4, NULL);
		if (ret == -ENODEV)
			return 0;
		if (ret)
			return ret;
		purlin_pci_attach_device(pci, words[0]);
	}
}
