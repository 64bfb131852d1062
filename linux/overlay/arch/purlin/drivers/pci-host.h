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
struct pci_bus;
struct pci_dev;

struct purlin_pci {
	struct device *dev;
	unsigned int session;		/* slot of the endpoint */
	struct irq_domain *msi_domain;
	struct mutex intx_lock;		/* lines come and go with their users */
	struct list_head intx_lines;	/* under intx_lock */
	struct list_head attached;	/* of BARs; under pci_lock_rescan_remove() */
	struct pci_bus *bus;
};

/* An interrupt capability, delivered as an event. */
struct purlin_source {
	unsigned int slot;
	unsigned int event;
	unsigned int cpu;	/* whose event it is */
	bool delivered;	/* level: masked by the microkernel until acknowledged */
	bool masked;	/* by us */
};

/* pci-bars.c: memory and ports of all devices become reachable; of one; of one no more. */
int purlin_pci_attach_devices(struct purlin_pci *pci);
void purlin_pci_attach_device(struct purlin_pci *pci, u64 bdf);
void purlin_pci_detach_device(struct purlin_pci *pci, u64 bdf);

/* pci-hotplug.c: from now on devices may come and go. */
int purlin_pci_hotplug_init(struct purlin_pci *pci);

/* pci-intx.c: Linux interrupt number of the device's line, 0 if it has none. */
int purlin_pci_map_irq(const struct pci_dev *dev, u8 device, u8 pin);
/* Linux interrupt number of one that is no device's; takes over the slot. 0: none. */
unsigned int purlin_pci_own_irq(struct purlin_pci *pci, unsigned int slot);

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
