// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that come and go. An interrupt of the session says that something has changed, and each
 * device has a state: so nothing is lost when changes come faster than they are looked at.
 */
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/pci.h>
#include <asm/session.h>
#include "pci-host.h"
#include "pci-session.h"

/* Drivers ask for the state before they wait for an answer: from one that is gone none comes. */
static void remove_device(struct purlin_pci *pci, u64 bdf, bool gone)
{
	struct pci_dev *dev = pci_get_slot(pci->bus, bdf & 0xff);

	if (dev) {
		if (gone)
			dev->error_state = pci_channel_io_perm_failure;
		pci_stop_and_remove_bus_device(dev);
		pci_dev_put(dev);
	}
	purlin_pci_detach_device(pci, bdf);
	purlin_call(pci->session, PCI_RELEASE, &bdf, 1, 0, NULL);
}

/* The list is another one after each that was released. */
static void remove_devices(struct purlin_pci *pci)
{
	u64 index = 0;

	for (;;) {
		u64 words[4] = { index++ };

		if (purlin_call(pci->session, PCI_DEVICE, words, 1, 4, NULL))
			return;
		if (words[3] == PCI_DEVICE_THERE)
			continue;
		remove_device(pci, words[0], words[3] == PCI_DEVICE_GONE);
		index = 0;
	}
}

/* All functions become reachable before the bus is scanned for the first of them. */
static void add_devices(struct purlin_pci *pci)
{
	unsigned int slot;
	u64 index;

	for (index = 0; ; index++) {
		u64 words[4] = { index };
		struct pci_dev *dev;

		if (purlin_call(pci->session, PCI_DEVICE, words, 1, 4, NULL))
			break;
		dev = pci_get_slot(pci->bus, words[0] & 0xff);
		if (!dev)
			purlin_pci_attach_device(pci, words[0]);
		pci_dev_put(dev);
	}
	for (slot = 0; slot < 32; slot++)
		pci_scan_slot(pci->bus, PCI_DEVFN(slot, 0));
	pci_bus_add_devices(pci->bus);
}

static irqreturn_t changes(int irq, void *data)
{
	struct purlin_pci *pci = data;
	u64 word = PCI_CLAIM_NEW;

	pci_lock_rescan_remove();
	remove_devices(pci);
	if (!purlin_call(pci->session, PCI_CLAIM, &word, 1, 1, NULL))
		add_devices(pci);
	pci_unlock_rescan_remove();
	return IRQ_HANDLED;
}

int purlin_pci_hotplug_init(struct purlin_pci *pci)
{
	unsigned int slot, irq;
	u64 none = 0;
	int ret;

	ret = purlin_call(pci->session, PCI_CHANGES, &none, 0, 0, &slot);
	if (ret)
		return ret;
	irq = purlin_pci_own_irq(pci, slot);
	if (!irq)
		return -ENOSPC;
	return devm_request_threaded_irq(pci->dev, irq, NULL, changes, IRQF_ONESHOT,
					 "pci-changes", pci);
}
