// SPDX-License-Identifier: GPL-2.0
/* INTx: one level-triggered line for each GSI, shared by functions that share it. */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <asm/irq.h>
#include <asm/session.h>
#include <purlin/types.h>
#include "pci-host.h"
#include "pci-session.h"

struct intx_line {
	struct list_head list;
	struct purlin_source source;
	u64 gsi;
	unsigned int irq;
};

static struct irq_chip intx_chip = {
	.name = "PCI-INTx",
	.irq_startup = purlin_source_startup,
	.irq_shutdown = purlin_source_shutdown,
	.irq_mask = purlin_source_mask,
	.irq_unmask = purlin_source_unmask,
	.irq_mask_ack = purlin_source_delivered,
	.irq_set_affinity = purlin_source_set_affinity,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

static struct intx_line *find_line(struct purlin_pci *pci, u64 gsi)
{
	struct intx_line *line;

	list_for_each_entry(line, &pci->intx_lines, list) {
		if (line->gsi == gsi)
			return line;
	}
	return NULL;
}

/* Takes over the capability in `slot`. */
static struct intx_line *add_line(struct purlin_pci *pci, u64 gsi, u64 flags,
				  unsigned int slot)
{
	struct intx_line *line = kzalloc(sizeof(*line), GFP_KERNEL);

	if (!line || purlin_source_init(&line->source, slot)) {
		purlin_slot_release(slot);
		kfree(line);
		return NULL;
	}
	line->gsi = gsi;
	line->irq = purlin_event_irq(line->source.event);
	if (!line->irq) {
		purlin_source_release(&line->source);
		kfree(line);
		return NULL;
	}
	irq_set_chip_data(line->irq, &line->source);
	if (flags & PURLIN_IRQ_LEVEL) {
		irq_set_status_flags(line->irq, IRQ_LEVEL);
		irq_set_chip_and_handler(line->irq, &intx_chip,
					 handle_level_irq);
	} else {
		irq_set_chip_and_handler(line->irq, &intx_chip,
					 handle_simple_irq);
	}
	list_add(&line->list, &pci->intx_lines);
	return line;
}

/* The interrupt of a line ends when the last device on it is released, and begins anew. */
static void renew_line(struct intx_line *line, unsigned int slot)
{
	if (!irqd_is_started(irq_get_irq_data(line->irq)))
		swap(line->source.slot, slot);
	purlin_slot_release(slot);
}

#define NO_GSI	(~0ULL)

unsigned int purlin_pci_own_irq(struct purlin_pci *pci, unsigned int slot)
{
	struct intx_line *line;

	mutex_lock(&pci->intx_lock);
	line = add_line(pci, NO_GSI, PURLIN_IRQ_LEVEL, slot);
	mutex_unlock(&pci->intx_lock);
	return line ? line->irq : 0;
}

int purlin_pci_map_irq(const struct pci_dev *dev, u8 device, u8 pin)
{
	struct purlin_pci *pci = dev->bus->sysdata;
	u64 words[2] = { pci_dev_id((struct pci_dev *)dev) };
	struct intx_line *line;
	unsigned int slot;
	int ret;

	ret = purlin_call(pci->session, PCI_INTX, words, 1, 2, &slot);
	if (ret) {
		if (ret != -ENODEV)
			dev_warn(&dev->dev, "no INTx: error %d\n", ret);
		return 0;
	}

	mutex_lock(&pci->intx_lock);
	line = find_line(pci, words[1]);
	if (line)
		renew_line(line, slot);
	else
		line = add_line(pci, words[1], words[0], slot);
	mutex_unlock(&pci->intx_lock);
	return line ? line->irq : 0;
}
