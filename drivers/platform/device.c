/* SPDX-License-Identifier: MIT */
/* Assigned functions: command register, start and end. */
#include "device.h"

#include <stdlib.h>

#include "claims.h"
#include "device_msi.h"
#include "hardware.h"
#include "pci_config.h"
#include "pci_registers.h"

void device_log(const struct device *device, const char *text)
{
	uint16_t bdf = device->function->bdf;

	hardware_log("PCI %02x:%02x.%x (%04x:%04x): %s", PCI_BUS(bdf), PCI_SLOT(bdf),
		     PCI_FUNCTION(bdf), device->function->vendor, device->function->device, text);
}

static uint32_t decoding(const struct pci_function *function)
{
	uint32_t command = 0;

	for (unsigned int i = 0; i < PCI_BARS; i++)
		if (function->bar[i].size)
			command |= function->bar[i].flags & BAR_IO ? COMMAND_IO : COMMAND_MEMORY;
	return command;
}

/* What a function passes upstream, the bridges above it have to let through. */
static void open_bridges(const struct pci_function *function, uint32_t bits)
{
	for (const struct pci_function *bridge = function->parent; bridge;
	     bridge = bridge->parent) {
		uint32_t command = pci_config_read(bridge->bdf, CFG_COMMAND, 2);

		if ((command & bits) != bits)
			pci_config_write(bridge->bdf, CFG_COMMAND, 2, command | bits);
	}
}

void device_update_command(struct device *device)
{
	const struct pci_function *function = device->function;
	uint32_t wish = config_filter_wish(&device->filter, CFG_COMMAND, 2);
	uint32_t command = decoding(function) | (wish & COMMAND_INVALIDATE);

	if (device->dma)
		command |= wish & COMMAND_MASTER;
	if (!device->intx_given || (wish & COMMAND_INTX_DISABLE))
		command |= COMMAND_INTX_DISABLE;
	/* A message is a write of the function's own, and needs bus mastering below, too. */
	open_bridges(function, (command & COMMAND_MASTER) | decoding(function));
	pci_config_write(function->bdf, CFG_COMMAND, 2, command);
}

/* D0 keeps all; from other states the function comes up as after a reset. */
static void power_on(const struct pci_function *function)
{
	uint32_t control;

	if (!function->pm)
		return;
	control = pci_config_read(function->bdf, function->pm + PM_CONTROL, 2);
	if (!(control & PM_STATE))
		return;
	pci_config_write(function->bdf, function->pm + PM_CONTROL, 2, control & ~PM_STATE);
	hardware_sleep_ns(10000000); /* PCI Power Management 1.2, 5.6.1 */
}

/* Error messages of assigned functions stay off: they could become NMIs. */
static void quiet_errors(const struct pci_function *function)
{
	unsigned int offset = function->pcie + PCIE_DEVICE_CONTROL;

	if (function->pcie)
		pci_config_write(function->bdf, offset, 2,
				 pci_config_read(function->bdf, offset, 2) & ~PCIE_CONTROL_REPORT);
}

/* BARs as enumeration found them; they are lost by a reset. */
static void restore_bars(const struct pci_function *function)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &function->bar[i];

		if (!bar->size)
			continue;
		pci_config_write(function->bdf, CFG_BAR + 4 * i, 4,
				 (uint32_t)bar->address | bar->flags);
		if (!(bar->flags & BAR_IO) && (bar->flags & BAR_TYPE_MASK) == BAR_TYPE_64 &&
		    i + 1 < PCI_BARS)
			pci_config_write(function->bdf, CFG_BAR + 4 * (i + 1), 4,
					 (uint32_t)(bar->address >> 32));
	}
}

static void silence(struct device *device)
{
	pci_config_write(device->function->bdf, CFG_COMMAND, 2,
			 decoding(device->function) | COMMAND_INTX_DISABLE);
	device_msi_silence(device);
}

struct device *device_start(struct pci_function *function, uint16_t bdf, bool multifunction)
{
	struct device *device = calloc(1, sizeof(*device));
	unsigned int entries = device_msix_entries(function);

	if (!device)
		return NULL;
	device->function = function;
	device->bdf = bdf;
	device->routed = acpi_route_find(function, &device->route);
	power_on(function);
	restore_bars(function);
	silence(device);
	quiet_errors(function);
	open_bridges(function, decoding(function));
	if (entries && !device_msix_start(device, entries)) {
		device_log(device, "no access to the MSI-X table");
		entries = 0;
	}
	config_filter_start(&device->filter, function, multifunction, device->routed, entries != 0);
	device_update_command(device);
	return device;
}

/* PCI Express 5.0, 6.6.2: at most 100 ms for what is under way. */
static void wait_for_transactions(const struct pci_function *function)
{
	for (unsigned int i = 0; i < 100; i++) {
		if (!(pci_config_read(function->bdf, function->pcie + PCIE_DEVICE_STATUS, 2) &
		      PCIE_STATUS_PENDING))
			return;
		hardware_sleep_ns(1000000);
	}
}

static bool can_flr(const struct pci_function *function)
{
	return function->pcie &&
	       (pci_config_read(function->bdf, function->pcie + PCIE_DEVICE_CAPABILITIES, 4) &
		PCIE_CAN_FLR);
}

static bool can_af_flr(const struct pci_function *function)
{
	return function->af && (pci_config_read(function->bdf, function->af + AF_CAPABILITIES, 1) &
				AF_CAN_FLR) == AF_CAN_FLR;
}

/* PCI Power Management 1.2, 3.2.4: D3hot to D0 is a reset unless the function says it is none. */
static bool can_power_reset(const struct pci_function *function)
{
	return function->pm &&
	       !(pci_config_read(function->bdf, function->pm + PM_CONTROL, 2) & PM_NO_SOFT_RESET);
}

static void power_reset(const struct pci_function *function)
{
	unsigned int offset = function->pm + PM_CONTROL;
	uint32_t control = pci_config_read(function->bdf, offset, 2) & ~PM_STATE;

	pci_config_write(function->bdf, offset, 2, control | PM_STATE);
	hardware_sleep_ns(10000000);
	pci_config_write(function->bdf, offset, 2, control);
	hardware_sleep_ns(10000000);
}

static bool reset_function(const struct pci_function *function)
{
	if (can_flr(function)) {
		unsigned int offset = function->pcie + PCIE_DEVICE_CONTROL;

		pci_config_write(function->bdf, offset, 2,
				 pci_config_read(function->bdf, offset, 2) | PCIE_CONTROL_FLR);
		hardware_sleep_ns(100000000);
	} else if (can_af_flr(function)) {
		pci_config_write(function->bdf, function->af + AF_CONTROL, 1, 1);
		hardware_sleep_ns(100000000);
	} else if (can_power_reset(function)) {
		power_reset(function);
	} else {
		return false;
	}
	return true;
}

bool device_reset(struct device *device)
{
	const struct pci_function *function = device->function;
	uint32_t control = 0;

	if (!can_flr(function) && !can_af_flr(function) && !can_power_reset(function))
		return false;
	if (function->pcie)
		control = pci_config_read(function->bdf, function->pcie + PCIE_DEVICE_CONTROL, 2);
	silence(device);
	if (function->pcie)
		wait_for_transactions(function);
	(void)reset_function(function);
	restore_bars(function);
	if (function->pcie)
		pci_config_write(function->bdf, function->pcie + PCIE_DEVICE_CONTROL, 2,
				 control & ~PCIE_CONTROL_FLR);
	config_filter_reset(&device->filter);
	device_update_command(device);
	device_msi_restore(device);
	return true;
}

uint32_t device_config_read(struct device *device, unsigned int offset, unsigned int size)
{
	return config_filter_read(&device->filter, offset, size);
}

void device_config_write(struct device *device, unsigned int offset, unsigned int size,
			 uint32_t value)
{
	unsigned int effects = config_filter_write(&device->filter, offset, size, value);

	if (effects & CONFIG_COMMAND)
		device_update_command(device);
	if (effects & (CONFIG_MSI | CONFIG_MSIX))
		device_msi_update(device);
	if (effects & CONFIG_RESET)
		(void)device_reset(device);
}

static void release_pieces(struct device *device)
{
	for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
		struct claim *piece = device->piece[bar];

		if (device->function->bar[bar].flags & BAR_IO)
			claim_release_ports(&piece[0]);
		else
			claim_release_memory(&piece[0]);
		claim_release_ram(&piece[1]);
		claim_release_memory(&piece[2]);
	}
}

void device_stop(struct device *device)
{
	device->dma = false;
	device->intx_given = false;
	silence(device);
	if (device->function->pcie)
		wait_for_transactions(device->function);
	if (reset_function(device->function)) {
		restore_bars(device->function);
		silence(device);
	}
	device_msi_stop(device);
	release_pieces(device);
	free(device);
}
