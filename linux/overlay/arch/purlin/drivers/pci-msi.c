// SPDX-License-Identifier: GPL-2.0
/*
 * MSI and MSI-X. The platform programs address and data; those that Linux sees are
 * virtual, and masking is the microkernel's. Each interrupt is an event.
 */
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <asm/irq.h>
#include <asm/session.h>
#include "pci-host.h"
#include "pci-msi.h"
#include "pci-session.h"

struct msi_source {
	struct purlin_source source;
	unsigned int session;
	u64 name[3];	/* as PCI_MSI_ALLOC and PCI_MSI_FREE want it */
};

static void msi_ack(struct irq_data *data)
{
}

static void msi_compose(struct irq_data *data, struct msi_msg *msg)
{
	/* Looks like one; nothing in the machine ever sees it. */
	msg->address_hi = 0;
	msg->address_lo = 0xfee00000;
	msg->data = data->hwirq & 0xff;
}

static void msi_write(struct irq_data *data, struct msi_msg *msg)
{
}

struct irq_chip purlin_msi_chip = {
	.name = "PCI-MSI",
	.irq_startup = purlin_source_startup,
	.irq_shutdown = purlin_source_shutdown,
	.irq_mask = purlin_source_mask,
	.irq_unmask = purlin_source_unmask,
	.irq_ack = msi_ack,
	.irq_compose_msi_msg = msi_compose,
	.irq_write_msi_msg = msi_write,
	.irq_set_affinity = purlin_source_set_affinity,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

static struct msi_source *allocate(struct purlin_pci *pci,
				   struct msi_desc *desc, unsigned int index)
{
	struct msi_source *msi = kzalloc(sizeof(*msi), GFP_KERNEL);
	unsigned int slot;
	u64 words[3];
	int ret;

	if (!msi)
		return ERR_PTR(-ENOMEM);
	msi->session = pci->session;
	msi->name[0] = pci_dev_id(msi_desc_to_pci_dev(desc));
	msi->name[1] = desc->pci.msi_attrib.is_msix ? PCI_MSIX : PCI_MSI;
	msi->name[2] = index;

	memcpy(words, msi->name, sizeof(words));
	ret = purlin_call(pci->session, PCI_MSI_ALLOC, words, 3, 0, &slot);
	if (ret)
		goto free;
	ret = purlin_source_init(&msi->source, slot);
	if (!ret)
		return msi;

	purlin_slot_release(slot);
	memcpy(words, msi->name, sizeof(words));
	purlin_call(pci->session, PCI_MSI_FREE, words, 3, 0, NULL);
free:
	kfree(msi);
	return ERR_PTR(ret);
}

/* Makes virq the source's interrupt with that number of the device. */
int purlin_msi_bind(struct irq_domain *domain, unsigned int virq, irq_hw_number_t hwirq,
		    struct purlin_pci *pci, struct msi_desc *desc, unsigned int index)
{
	struct msi_source *msi = allocate(pci, desc, index);

	if (IS_ERR(msi))
		return PTR_ERR(msi);
	irq_domain_set_hwirq_and_chip(domain, virq, hwirq, &purlin_msi_chip,
				      &msi->source);
	__irq_set_handler(virq, handle_edge_irq, 0, "edge");
	purlin_event_pass_to(msi->source.event, virq);
	return 0;
}

void purlin_msi_unbind(struct irq_domain *domain, unsigned int virq)
{
	struct irq_data *data = irq_domain_get_irq_data(domain, virq);
	struct msi_source *msi = container_of(irq_data_get_irq_chip_data(data),
					      struct msi_source, source);

	purlin_call(msi->session, PCI_MSI_FREE, msi->name, 3, 0, NULL);
	purlin_event_pass_to(msi->source.event, 0);
	purlin_source_release(&msi->source);
	kfree(msi);
}
