/* SPDX-License-Identifier: GPL-2.0 */
/* The PCI session as Linux's host bridge: shared by pci-*.c only. */
#ifndef _PURLIN_PCI_HOST_H
#define _PURLIN_PCI_HOST_H

#include <linux/cpumask.h>
#include <linux/irqdomain.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct device;
struct pci_dev;

struct purlin_pci {
	struct device *dev;
	unsigned int session;		/* slot of the endpoint */
	struct irq_domain *msi_domain;
	struct mutex intx_lock;		/* lines come and go with their users */
	struct list_head intx_lines;	/* under intx_lock */
};

/* An interrupt capability, delivered as an event. */
struct purlin_source {
	unsigned int slot;
	unsigned int event;
	unsigned int cpu;	/* whose event it is */
	bool delivered;	/* level: masked by the microkernel until acknowledged */
	bool masked;	/* by us */
};

/* pci-bars.c: memory and ports of all devices become reachable. */
int purlin_pci_attach_devices(struct purlin_pci *pci);

/* pci-intx.c: Linux interrupt number of the device's line, 0 if it has none. */
int purlin_pci_map_irq(const struct pci_dev *dev, u8 device, u8 pin);

/* pci-msi.c */
#ifdef CONFIG_PCI_MSI
int purlin_pci_msi_init(struct purlin_pci *pci);
#else
static inline int purlin_pci_msi_init(struct purlin_pci *pci)
{
	return 0;
}
#endif

/* pci-source.c */
int purlin_source_init(struct purlin_source *source, unsigned int slot);
void purlin_source_release(struct purlin_source *source);
/* Operations of irq_chip on a source, which is the chip data. */
unsigned int purlin_source_startup(struct irq_data *data);
void purlin_source_shutdown(struct irq_data *data);
void purlin_source_mask(struct irq_data *data);
void purlin_source_unmask(struct irq_data *data);
void purlin_source_delivered(struct irq_data *data);
int purlin_source_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force);

#endif /* _PURLIN_PCI_HOST_H */
