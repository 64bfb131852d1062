/* SPDX-License-Identifier: MIT */
/* Messages of an assigned function: its MSI registers (PCI 3.0, 6.8.1), what enables each kind. */
#include "device_msi.h"

#include "device_msix.h"
#include "pci_config.h"
#include "pci_registers.h"
#include "session/pci.h"

/* More than one only where each leads to an entry: else the function would choose vectors.
 */
void device_msi_start(struct device_msi *device)
{
	const struct pci_function *function = device->function;
	struct message_block block;
	uint32_t control;

	if (!function->msi)
		return;
	control = pci_config_read(function->bdf, function->msi + MSI_CONTROL, 2);
	block.count = 1u << ((control & MSI_CAPABLE_MASK) >> MSI_CAPABLE);
	device->messages = 1;
	device->maskable = (control & MSI_MASKABLE) != 0;
	if (block.count == 1 || block.count > MSI_MESSAGES ||
	    !device->domain->type->block(function, &block))
		return;
	device->block = block;
	device->messages = block.count;
}

bool device_msi_masks(const struct device_msi *device, unsigned int kind)
{
	return kind == PCI_MSIX || device->maskable;
}

static void set_control(struct device_msi *device, unsigned int offset, uint32_t bits,
			uint32_t value)
{
	uint32_t control = pci_config_read(device->function->bdf, offset, 2);

	pci_config_write(device->function->bdf, offset, 2, (control & ~bits) | value);
}

/* What is not allocated, or held back, is masked; without a mask, one that is held stops all. */
static uint32_t msi_masked(const struct device_msi *device)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < device->messages; i++)
		if (!device->msi[i].resource.slot || device->msi[i].held_until)
			bits |= 1u << i;
	return bits;
}

static const struct message_interrupt *some_message(const struct device_msi *device)
{
	for (unsigned int i = 0; i < device->messages; i++)
		if (device->msi[i].resource.slot)
			return &device->msi[i];
	return NULL;
}

static bool msi_held(const struct device_msi *device)
{
	for (unsigned int i = 0; i < device->messages; i++)
		if (device->msi[i].held_until)
			return true;
	return false;
}

/* As many as are allocated, whatever the client has written: some drivers leave that to others. */
static uint32_t msi_enabled(const struct device_msi *device)
{
	uint32_t log = 0;

	for (unsigned int i = 0; i < device->messages; i++)
		while (device->msi[i].resource.slot && i >> log)
			log++;
	return log << MSI_ENABLED;
}

/*
 * Enabled only when address and data are the platform's: until then the registers hold what
 * firmware or a driver before left there. What a function adds to the data of a block leads to an
 * entry of its own, or to none.
 */
static void update_msi(struct device_msi *device)
{
	unsigned int offset = device->function->msi + MSI_CONTROL;
	uint32_t wish = config_filter_wish(device->filter, offset, 2) & MSI_ENABLE;

	if (!some_message(device) || (msi_held(device) && !device_msi_masks(device, PCI_MSI)))
		wish = 0;
	set_control(device, offset, MSI_ENABLE | MSI_ENABLED_MASK,
		    wish ? wish | msi_enabled(device) : 0);
}

static bool some_held(const struct device_msi *device)
{
	for (unsigned int i = 0; i < device->entries; i++)
		if (device->entry[i].held_until)
			return true;
	return false;
}

void device_msi_update(struct device_msi *device)
{
	const struct pci_function *function = device->function;

	if (function->msi)
		update_msi(device);
	/* Here each entry has its own mask, and those not programmed are masked. */
	if (device->entries) {
		uint32_t bits = MSIX_ENABLE | MSIX_FUNCTION_MASK;
		uint32_t wish =
			config_filter_wish(device->filter, function->msix + MSIX_CONTROL, 2);

		/* What firmware left in an open table is not masked before it is mapped. */
		if (!device->table)
			wish &= ~MSIX_ENABLE;
		/* In an open table a client could unmask what is held back. */
		if (device->open && some_held(device))
			wish |= MSIX_FUNCTION_MASK;
		set_control(device, function->msix + MSIX_CONTROL, bits, wish & bits);
	}
}

void device_msi_silence(struct device_msi *device)
{
	const struct pci_function *function = device->function;

	if (function->msi)
		set_control(device, function->msi + MSI_CONTROL, MSI_ENABLE | MSI_ENABLED_MASK, 0);
	if (function->msix)
		set_control(device, function->msix + MSIX_CONTROL, MSIX_ENABLE, MSIX_FUNCTION_MASK);
	device_msix_mask(device);
}

static void program_msi(struct device_msi *device)
{
	const struct message_interrupt *message = some_message(device);
	uint16_t bdf = device->function->bdf;
	unsigned int offset = device->function->msi;
	uint32_t control = pci_config_read(bdf, offset + MSI_CONTROL, 2);

	/*
	 * Off while address and data change: a message between the two writes would go to a
	 * mixture.
	 */
	pci_config_write(bdf, offset + MSI_CONTROL, 2, control & ~MSI_ENABLE);
	if (!message)
		return;
	pci_config_write(bdf, offset + MSI_ADDRESS, 4, (uint32_t)message->address);
	if (control & MSI_64BIT) {
		pci_config_write(bdf, offset + MSI_ADDRESS + 4, 4,
				 (uint32_t)(message->address >> 32));
		offset += 4;
	}
	pci_config_write(bdf, offset + MSI_ADDRESS + 4, 2, message->data);
	if (control & MSI_MASKABLE)
		pci_config_write(bdf, offset + MSI_ADDRESS + 8, 4, msi_masked(device));
}

struct message_interrupt *device_msi_find(struct device_msi *device, unsigned int kind,
					  unsigned int index)
{
	if (kind == PCI_MSI && index < device->messages)
		return &device->msi[index];
	if (kind == PCI_MSIX && index < device->entries)
		return &device->entry[index];
	return NULL;
}

purlin_s64 device_msi_allocate(struct device_msi *device, unsigned int kind, unsigned int index,
			       purlin_u64 *slot)
{
	struct message_interrupt *interrupt = device_msi_find(device, kind, index);
	purlin_s64 status;

	if (!interrupt)
		return PURLIN_NO_DEVICE;
	if (interrupt->resource.slot)
		return PURLIN_BUSY;
	interrupt->block = kind == PCI_MSI && device->block.count ? &device->block : NULL;
	interrupt->number = index;
	status = device->domain->type->message(device->domain, device->function, interrupt);
	if (status)
		return status;
	/*
	 * Programmed before it can be enabled: the function must never send what was there
	 * before.
	 */
	resource_watch(&interrupt->resource, RESOURCE_STORM);
	device_msi_reprogram(device, kind, index);
	*slot = interrupt->resource.slot;
	return PURLIN_OK;
}

void device_msi_reprogram(struct device_msi *device, unsigned int kind, unsigned int index)
{
	if (kind == PCI_MSI)
		program_msi(device);
	else
		device_msix_program(device, index);
	device_msi_update(device);
}

/* The function stops sending before the interrupt goes, so that its vector can be reused. */
static void release_interrupt(struct device_msi *device, unsigned int kind, unsigned int index)
{
	struct message_interrupt *interrupt = device_msi_find(device, kind, index);
	struct message_interrupt released = *interrupt;

	*interrupt = (struct message_interrupt){ .data = 0 };
	if (kind == PCI_MSIX)
		device_msix_program(device, index);
	else if (!device->stopped)
		device_msi_reprogram(device, kind, index);
	device->domain->type->message_end(device->domain, &released);
}

purlin_s64 device_msi_free(struct device_msi *device, unsigned int kind, unsigned int index)
{
	struct message_interrupt *interrupt = device_msi_find(device, kind, index);

	if (!interrupt || !interrupt->resource.slot)
		return PURLIN_NO_DEVICE;
	release_interrupt(device, kind, index);
	return PURLIN_OK;
}

/* After a reset, which has cleared the registers. The interrupts are the client's still. */
void device_msi_restore(struct device_msi *device)
{
	device_msix_mask(device);
	if (some_message(device))
		program_msi(device);
	for (unsigned int i = 0; i < device->entries; i++)
		if (device->entry[i].resource.slot)
			device_msix_program(device, i);
	device_msi_update(device);
}

void device_msi_stop(struct device_msi *device)
{
	device->stopped = true;
	for (unsigned int i = 0; i < device->messages; i++)
		if (device->msi[i].resource.slot)
			release_interrupt(device, PCI_MSI, i);
	if (device->block.count)
		device->domain->type->block_end(device->function, &device->block);
	for (unsigned int i = 0; i < device->entries; i++)
		if (device->entry[i].resource.slot)
			release_interrupt(device, PCI_MSIX, i);
	device_msix_stop(device);
}
