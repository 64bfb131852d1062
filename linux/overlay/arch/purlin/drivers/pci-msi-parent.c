// SPDX-License-Identifier: GPL-2.0
/*
 * One parent domain for the host bridge; the core makes a domain on top of it for each
 * device. The parent does all there is to do: the device's registers are virtual, and
 * writing them would only cost calls.
 */
#include <linux/device.h>
#include <linux/irq.h>
#include <linux/msi.h>
#include <linux/of.h>
#include "pci-host.h"
#include "pci-msi.h"

#define SUPPORTED_FLAGS (MSI_GENERIC_FLAGS_MASK | MSI_FLAG_PCI_MSIX | \
			 MSI_FLAG_MULTI_PCI_MSI)

static void parent_free(struct irq_domain *domain, unsigned int virq, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		purlin_msi_unbind(domain, virq + i);
}

static int parent_alloc(struct irq_domain *domain, unsigned int virq, unsigned int count,
			void *argument)
{
	msi_alloc_info_t *info = argument;
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++) {
		ret = purlin_msi_bind(domain, virq + i, info->hwirq + i, domain->host_data,
				      info->desc, info->desc->msi_index + i);
		if (ret) {
			parent_free(domain, virq, i);
			return ret;
		}
	}
	return 0;
}

static const struct irq_domain_ops parent_ops = {
	.alloc = parent_alloc,
	.free = parent_free,
};

static void ignore_message(struct irq_data *data, struct msi_msg *message)
{
}

static bool init_device_info(struct device *dev, struct irq_domain *domain,
			     struct irq_domain *parent, struct msi_domain_info *info)
{
	struct irq_chip *chip = info->chip;

	info->flags = (info->flags & SUPPORTED_FLAGS) | MSI_FLAG_USE_DEF_DOM_OPS |
		      MSI_FLAG_USE_DEF_CHIP_OPS;
	chip->irq_startup = irq_chip_startup_parent;
	chip->irq_shutdown = irq_chip_shutdown_parent;
	chip->irq_mask = irq_chip_mask_parent;
	chip->irq_unmask = irq_chip_unmask_parent;
	chip->irq_ack = irq_chip_ack_parent;
	chip->irq_set_affinity = irq_chip_set_affinity_parent;
	chip->irq_write_msi_msg = ignore_message;
	return true;
}

static const struct msi_parent_ops msi_parent_ops = {
	.supported_flags = SUPPORTED_FLAGS,
	.bus_select_token = DOMAIN_BUS_PCI_MSI,
	.init_dev_msi_info = init_device_info,
};

int purlin_pci_msi_init(struct purlin_pci *pci)
{
	struct irq_domain_info info = {
		.fwnode = of_fwnode_handle(pci->dev->of_node),
		.ops = &parent_ops,
		.host_data = pci,
	};

	/* The core finds it by the host bridge's node and the token. */
	pci->msi_domain = msi_create_parent_irq_domain(&info, &msi_parent_ops);
	return pci->msi_domain ? 0 : -ENOMEM;
}
