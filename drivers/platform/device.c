/* SPDX-License-Identifier: MIT */
/* Assigned functions: command register, start and end. */
#include "device.h"

#include "device_msix.h"
#include <stdlib.h>

#include "device_reset.h"
#include "hardware.h"
#include "pci_bars.h"
#include "pci_config.h"
#include "pci_registers.h"
#include "turn.h"

void device_log(const struct device *device, const char *text)
{
	pci_function_log(device->function, text);
}

/* One bit switches on all BARs of a kind, so it stays off if one of them has no address. */
static uint32_t decoding(const struct pci_function *function)
{
	uint32_t command = 0;

	for (unsigned int i = 0; i <= PCI_ROM; i++)
		if (pci_bar_usable(function, i))
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

/*
 * The ROM is decoded while the client wants it and holds its pages: then they have been found to be
 * nobody else's. The address is always the one that was looked at.
 */
static void update_rom(struct device *device, bool may)
{
	const struct pci_bar *rom = &device->function->bar[PCI_ROM];
	uint32_t wish = config_filter_wish(&device->filter, CFG_ROM, 4);
	uint32_t address = (uint32_t)rom->address;
	bool sizing = (wish & ROM_ADDRESS) != address;

	if (rom->size)
		pci_config_write(device->function->bdf, CFG_ROM, 4,
				 address | (may && !sizing && device->piece[PCI_ROM][0].slot ?
						    wish & ROM_ENABLE :
						    0));
}

void device_update_command(struct device *device)
{
	const struct pci_function *function = device->function;
	uint32_t wish = config_filter_wish(&device->filter, CFG_COMMAND, 2);
	uint32_t command = decoding(function) | (wish & COMMAND_INVALIDATE);

	if (device->asleep)
		return;
	if (device->dma)
		/*
		 * Only while the session has memory mapped: without an IOMMU a bus master reaches
		 * all of it.
		 */
		command |= wish & COMMAND_MASTER;
	/*
	 * A line that nobody here listens to may be another component's, which could not quiet
	 * it.
	 */
	if (!device->intx_given || device->intx.masked || (wish & COMMAND_INTX_DISABLE))
		command |= COMMAND_INTX_DISABLE;
	/* Nothing that it could be told by, and nothing that it could do. */
	if (device->lost)
		command = COMMAND_INTX_DISABLE;
	if (function->pcie_control & PCIE_CONTROL_REPORT)
		command |= COMMAND_SERR;
	/* A message is a write of the function's own, and needs bus mastering below, too. */
	open_bridges(function, (command & COMMAND_MASTER) | decoding(function));
	/* After the bridges, so that what the function sends first is not lost on its way. */
	pci_config_write(function->bdf, CFG_COMMAND, 2, command);
	update_rom(device, true);
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
	turn_pause(10000000); /* PCI Power Management 1.2, 5.6.1 */
}

/* Registers stay decoded, so that tables of messages can be masked; nothing leaves the function. */
static void silence(struct device *device)
{
	pci_config_write(device->function->bdf, CFG_COMMAND, 2,
			 decoding(device->function) | COMMAND_INTX_DISABLE);
	update_rom(device, false);
	device_msi_silence(&device->msi);
}

/* Firmware, or a client before, may have left it with work to do once it is bus master again. */
static void quiet_for_good(struct device *device)
{
	silence(device);
	reset_drain(device->function);
	/*
	 * A reset takes up to a second, so one that nobody has used since the last is left alone. A
	 * function that cannot be reset stays silent, which is all that can be had of it.
	 */
	if (!device->function->fresh && reset_function(device->function)) {
		device->function->fresh = true;
		silence(device);
	}
}

static struct device *device_new(struct pci_function *function, struct dma_domain *domain,
				 uint16_t bdf)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	device->function = function;
	device->bdf = bdf;
	device->msi = (struct device_msi){ function, &device->filter, domain, .entries = 0 };
	return device;
}

struct device *device_start(struct pci_function *function, struct dma_domain *domain, uint16_t bdf,
			    bool multifunction)
{
	struct device *device = device_new(function, domain, bdf);

	if (!device)
		return NULL;
	device->routed = acpi_route_find(function, &device->route);
	/*
	 * Powered first, since registers of a sleeping function cannot be read; then its BARs,
	 * which waking up may have cleared; then quiet, before the bridges above let anything
	 * through.
	 */
	power_on(function);
	reset_restore(function);
	quiet_for_good(device);
	open_bridges(function, decoding(function));
	device_msi_start(&device->msi);
	device_msix_start(&device->msi);
	config_filter_start(&device->filter, function, multifunction, device->routed,
			    device->msi.entries != 0, device->msi.messages);
	device_update_command(device);
	return device;
}

/* Nothing is under way when it sleeps. */
static void fall_asleep(struct device *device)
{
	const struct pci_function *function = device->function;
	unsigned int offset = function->pm + PM_CONTROL;

	silence(device);
	reset_drain(function);
	device->asleep = true;
	pci_config_write(function->bdf, offset, 2,
			 pci_config_read(function->bdf, offset, 2) | PM_D3);
	turn_pause(10000000); /* PCI Power Management 1.2, 5.6.1 */
}

/* What it lost is restored as after a reset, and nothing but its BARs is switched on. */
static void wake_up(struct device *device)
{
	power_on(device->function);
	reset_restore(device->function);
	device->asleep = false;
	silence(device);
}

/*
 * Requests end first: an answer after the reset could be taken for that to a new request. The
 * client's view follows the function: nothing is enabled that it has not enabled again.
 */
static void reset_quietly(struct device *device)
{
	if (device->asleep)
		wake_up(device);
	silence(device);
	reset_drain(device->function);
	(void)reset_function(device->function);
	config_filter_reset(&device->filter);
}

/* One that loses its state comes up as after a reset (PCI Power Management 1.2, 3.2.4). */
static void wake_for_client(struct device *device)
{
	const struct pci_function *function = device->function;

	wake_up(device);
	if (!(pci_config_read(function->bdf, function->pm + PM_CONTROL, 2) & PM_NO_SOFT_RESET))
		config_filter_reset(&device->filter);
}

/*
 * This pauses. Anybody else who would touch the function finds it busy, and at the end all of it is
 * set again.
 */
static void with_others_away(struct device *device, void (*change)(struct device *device))
{
	device->busy = true;
	change(device);
	device->busy = false;
	device_update_command(device);
	device_msi_restore(&device->msi);
}

static void change_power(struct device *device)
{
	unsigned int control = device->function->pm + PM_CONTROL;
	bool sleep = config_filter_wish(&device->filter, control, 2) & PM_STATE;

	if (sleep && !device->asleep)
		with_others_away(device, fall_asleep);
	if (!sleep && device->asleep)
		with_others_away(device, wake_for_client);
}

bool device_reset(struct device *device)
{
	if (!reset_possible(device->function))
		return false;
	with_others_away(device, reset_quietly);
	return true;
}

void device_lose(struct device *device, const char *owner, const char *reason)
{
	device_log(device, reason);
	pci_function_refuse(device->function, owner, reason);
	device->lost = true;
	device->dma = false;
	device->intx_given = false;
	device_msi_silence(&device->msi);
	device_update_command(device);
}

/* In this order: what is not sent any more can be waited for. */
void device_stop_dma(struct device *device)
{
	device->dma = false;
	device_update_command(device);
	reset_drain(device->function);
}

uint32_t device_config_read(struct device *device, unsigned int offset, unsigned int size)
{
	return config_filter_read(&device->filter, offset, size);
}

void device_config_write(struct device *device, unsigned int offset, unsigned int size,
			 uint32_t value)
{
	unsigned int effects = config_filter_write(&device->filter, offset, size, value);

	/*
	 * The copy is the client's wish; what of it the function gets is decided in one place
	 * each.
	 */
	if (effects & (CONFIG_COMMAND | CONFIG_ROM))
		device_update_command(device);
	/* Before the function may send: what it sends is what was allocated. */
	if (effects & CONFIG_MSIX)
		device_msix_refresh(&device->msi);
	if (effects & (CONFIG_MSI | CONFIG_MSIX))
		device_msi_update(&device->msi);
	if (effects & CONFIG_RESET)
		(void)device_reset(device);
	if (effects & CONFIG_POWER)
		change_power(device);
}

static void release_pieces(struct device *device)
{
	for (unsigned int bar = 0; bar <= PCI_ROM; bar++) {
		struct resource *piece = device->piece[bar];

		if (device->function->bar[bar].flags & BAR_IO)
			resource_release_ports(&piece[0]);
		else
			resource_release_memory(&piece[0]);
		resource_release_ram(&piece[1]);
		resource_release_memory(&piece[2]);
	}
}

void device_stop(struct device *device)
{
	device->dma = false;
	device->intx_given = false;
	if (device->asleep)
		wake_up(device);
	/* The client has used it, so the reset below is not skipped. */
	device->function->fresh = false;
	quiet_for_good(device);
	/* Only now: a message that came later would go to the next owner of the vector. */
	device_msi_stop(&device->msi);
	release_pieces(device);
	free(device);
}
