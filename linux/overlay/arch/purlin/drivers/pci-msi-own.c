// SPDX-License-Identifier: GPL-2.0
/* One MSI domain for all devices of the host bridge. */
#include <linux/device.h>
#include <linux/irq.h>
#include <linux/msi.h>
#include <linux/of.h>
#include <linux/slab.h>
#include "pci-host.h"
#include "pci-msi.h"

static int msi_init(struct irq_domain *domain, struct msi_domain_info *info,
		    unsigned int virq, irq_hw_number_t hwirq,
		    msi_alloc_info_t *arg)
{
	/* Several MSI share one descriptor: they follow each other. */
	unsigned int index = arg->desc->msi_index + (hwirq - arg->hwirq);

	return purlin_msi_bind(domain, virq, hwirq, info->data, arg->desc, index);
}

static void msi_free(struct irq_domain *domain, struct msi_domain_info *info,
		     unsigned int virq)
{
	purlin_msi_unbind(domain, virq);
}

static struct msi_domain_ops msi_ops = {
	.msi_init = msi_init,
	.msi_free = msi_free,
};

int purlin_pci_msi_init(struct purlin_pci *pci)
{
	struct fwnode_handle *node = of_fwnode_handle(pci->dev->of_node);
	struct msi_domain_info *info;

	info = devm_kzalloc(pci->dev, sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	info->flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS |
		      MSI_FLAG_PCI_MSIX | MSI_FLAG_MULTI_PCI_MSI;
	info->ops = &msi_ops;
	info->chip = &purlin_msi_chip;
	info->data = pci;

	/* The core finds it by the host bridge's node. */
	pci->msi_domain = pci_msi_create_irq_domain(node, info, NULL);
	return pci->msi_domain ? 0 : -ENOMEM;
}
