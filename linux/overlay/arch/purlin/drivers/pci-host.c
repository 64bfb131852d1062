// SPDX-License-Identifier: GPL-2.0
/*
 * PCI host bridge over the PCI session: the devices the system description gives to
 * this guest, in a filtered configuration space on one bus. Where things are
 * was decided by firmware and platform; Linux takes it as it is.
 */
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/virtio.h>
#include <linux/virtio_anchor.h>
#include <asm/session.h>
#include "pci-host.h"
#include "pci-session.h"

static int config_read(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *value)
{
	struct purlin_pci *pci = bus->sysdata;
	u64 words[3] = { PCI_DEVID(bus->number, devfn), where, size };

	if (purlin_call(pci->session, PCI_CONFIG_READ, words, 3, 1, NULL)) {
		PCI_SET_ERROR_RESPONSE(value);
		return PCIBIOS_DEVICE_NOT_FOUND;
	}
	*value = words[0];
	return PCIBIOS_SUCCESSFUL;
}

static int config_write(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 value)
{
	struct purlin_pci *pci = bus->sysdata;
	u64 words[4] = { PCI_DEVID(bus->number, devfn), where, size, value };

	if (purlin_call(pci->session, PCI_CONFIG_WRITE, words, 4, 0, NULL))
		return PCIBIOS_DEVICE_NOT_FOUND;
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops config_ops = {
	.read = config_read,
	.write = config_write,
};

/*
 * BARs cannot be moved: take them as they are, for a device that comes back with a
 * rescan, too. Otherwise Linux would look for other places.
 */
int pcibios_device_add(struct pci_dev *dev)
{
	int bar;

	for (bar = 0; bar <= PCI_ROM_RESOURCE; bar++) {
		const struct resource *resource = &dev->resource[bar];

		if (resource->flags && resource->start && !resource->parent)
			pci_claim_resource(dev, bar);
	}
	return 0;
}

/*
 * Guest-physical addresses mean nothing to a device: it has to go by the DMA API's. A session's
 * device knows no addresses of Linux at all (virtio.c).
 */
static bool needs_platform_access(struct virtio_device *device)
{
	return dev_is_pci(device->dev.parent);
}

/* Without word of changes the devices stay those that are there now. */
static int scan(struct purlin_pci *pci, struct pci_host_bridge *bridge)
{
	int ret;

	ret = pci_scan_root_bus_bridge(bridge);
	if (ret)
		return ret;
	pci->bus = bridge->bus;
	pci_bus_add_devices(bridge->bus);
	ret = purlin_pci_hotplug_init(pci);
	if (ret)
		dev_warn(pci->dev, "devices cannot come and go: error %d\n", ret);
	return 0;
}

static int purlin_pci_probe(struct platform_device *device)
{
	struct device *dev = &device->dev;
	struct pci_host_bridge *bridge;
	struct purlin_pci *pci;
	int ret;

	bridge = devm_pci_alloc_host_bridge(dev, sizeof(*pci));
	if (!bridge)
		return -ENOMEM;
	pci = pci_host_bridge_priv(bridge);
	pci->dev = dev;
	mutex_init(&pci->intx_lock);
	INIT_LIST_HEAD(&pci->intx_lines);
	INIT_LIST_HEAD(&pci->attached);

	ret = of_property_read_u32(dev->of_node, "purlin,session",
				   &pci->session);
	if (ret)
		return dev_err_probe(dev, ret, "no session\n");
	ret = purlin_pci_attach_devices(pci);
	if (ret)
		return dev_err_probe(dev, ret, "the session does not answer\n");
	ret = purlin_pci_msi_init(pci);
	if (ret)
		return ret;

	virtio_set_mem_acc_cb(needs_platform_access);
	/* The device tree's windows are memory; ports are what devices have. */
	pci_add_resource(&bridge->windows, &ioport_resource);
	bridge->sysdata = pci;
	bridge->ops = &config_ops;
	bridge->map_irq = purlin_pci_map_irq;
	bridge->msi_domain = true;
	return scan(pci, bridge);
}

static const struct of_device_id purlin_pci_match[] = {
	{ .compatible = "purlin,pci-host" },
	{ }
};

static struct platform_driver purlin_pci_driver = {
	.probe = purlin_pci_probe,
	.driver = {
		.name = "purlin-pci-host",
		.of_match_table = purlin_pci_match,
		.suppress_bind_attrs = true,
	},
};
builtin_platform_driver(purlin_pci_driver);
