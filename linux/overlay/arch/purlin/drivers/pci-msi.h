/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two shapes of an MSI domain share: pci-msi-own.c for trees where an
 * architecture makes the PCI domain, pci-msi-parent.c for those where each device has one.
 */
#ifndef _PURLIN_PCI_MSI_H
#define _PURLIN_PCI_MSI_H

#include <linux/irqdomain.h>

struct msi_desc;
struct purlin_pci;

extern struct irq_chip purlin_msi_chip;

int purlin_msi_bind(struct irq_domain *domain, unsigned int virq, irq_hw_number_t hwirq,
		    struct purlin_pci *pci, struct msi_desc *desc, unsigned int index);
void purlin_msi_unbind(struct irq_domain *domain, unsigned int virq);

#endif /* _PURLIN_PCI_MSI_H */
