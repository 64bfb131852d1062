/* SPDX-License-Identifier: MIT */
/* Reads and writes of a filtered configuration space. */
#include "config_filter.h"

#include "pci_config.h"
#include "pci_registers.h"

static const struct config_register *find(const struct config_filter *filter, unsigned int offset)
{
	for (unsigned int i = 0; i < filter->count; i++)
		if (filter->registers[i].offset == (offset & ~3u))
			return &filter->registers[i];
	return NULL;
}

static uint32_t size_mask(unsigned int size)
{
	return size == 4 ? 0xffffffffu : (1u << (size * 8)) - 1;
}

static unsigned int shift_of(unsigned int offset)
{
	return (offset & 3) * 8;
}

uint32_t config_filter_read(const struct config_filter *filter, unsigned int offset,
			    unsigned int size)
{
	const struct config_register *entry = find(filter, offset);
	uint32_t value = entry ? entry->virtual_bits : 0;

	/*
	 * The device is not asked for a register of which it decides no bit: reads of some take
	 * long.
	 */
	if (value != 0xffffffffu)
		value = pci_config_read(filter->function->bdf, offset & ~3u, 4);
	if (entry)
		value = (value & ~entry->virtual_bits) | (entry->value & entry->virtual_bits);
	return (value >> shift_of(offset)) & size_mask(size);
}

/*
 * Base address registers answer with the size after all ones were written
 * (PCI 3.0, 6.2.5.1), and with the real address after anything else.
 */
static void write_bar(struct config_filter *filter, struct config_register *entry, uint32_t wish)
{
	unsigned int index = (entry->offset - CFG_BAR) / 4u;
	const struct pci_bar *bar = &filter->function->bar[index];
	uint64_t size_bits, address;
	uint32_t flag_bits = bar->flags & BAR_IO ? 0x3u : 0xfu;

	/* The upper half of a 64-bit BAR, which has no flags of its own. */
	if (!bar->size && index > 0 && (bar[-1].flags & BAR_TYPE_MASK) == BAR_TYPE_64 &&
	    !(bar[-1].flags & BAR_IO) && bar[-1].size) {
		size_bits = ~(bar[-1].size - 1) >> 32;
		address = bar[-1].address >> 32;
		flag_bits = 0;
	} else if (bar->size) {
		size_bits = ~(bar->size - 1) & ~(uint64_t)flag_bits;
		address = bar->address;
	} else {
		return;
	}
	/* What else a client writes is taken for the real address, which it cannot change. */
	if ((wish & (uint32_t)size_bits) == (uint32_t)size_bits)
		address = size_bits;
	entry->value = (uint32_t)address | (bar->flags & flag_bits);
}

/* As above; the switch is a wish, which the caller grants or not (PCI 3.0, 6.2.5.2). */
static void write_rom(struct config_filter *filter, struct config_register *entry, uint32_t wish)
{
	const struct pci_bar *rom = &filter->function->bar[PCI_ROM];
	uint32_t size_bits = (uint32_t) ~(rom->size - 1);

	if (!rom->size)
		return;
	entry->value = (wish & size_bits) == size_bits ? size_bits : (uint32_t)rom->address;
	entry->value |= wish & ROM_ENABLE;
}

/*
 * By what the write covers, not by what changed: a driver may write the same value to get its
 * effect.
 */
static unsigned int effects_of(const struct config_filter *filter,
			       const struct config_register *entry, uint32_t covered, uint32_t data)
{
	const struct pci_function *function = filter->function;

	if (entry->offset == CFG_COMMAND && (covered & 0xffffu))
		return CONFIG_COMMAND;
	if (function->pm && entry->offset == function->pm + PM_CONTROL && (covered & PM_STATE))
		return CONFIG_POWER;
	if (function->msi && entry->offset == function->msi && (covered & 0xffff0000u))
		return CONFIG_MSI;
	if (function->msix && entry->offset == function->msix && (covered & 0xffff0000u))
		return CONFIG_MSIX;
	if (function->pcie && entry->offset == function->pcie + PCIE_DEVICE_CONTROL &&
	    (covered & data & PCIE_CONTROL_FLR))
		return CONFIG_RESET;
	if (function->af && entry->offset == function->af + AF_CONTROL && (covered & data & 1))
		return CONFIG_RESET;
	return 0;
}

/*
 * Bits that one clears are written as one only where the client did so, and as zero elsewhere: what
 * is read and written back must not acknowledge errors that the client has not seen.
 */
static void write_real(const struct config_filter *filter, const struct config_register *entry,
		       uint32_t covered, uint32_t data)
{
	uint16_t bdf = filter->function->bdf;
	/* Capabilities that lie over each other must not open what is kept back in one of them. */
	uint32_t change = entry->write_real & ~entry->virtual_bits & covered;
	uint32_t clear = entry->clear_real & ~entry->virtual_bits & covered & data;
	uint32_t value;

	/* A write with no bit of the client's in it would still have effects in some devices. */
	if (!change && !clear)
		return;
	value = pci_config_read(bdf, entry->offset, 4);
	value = (value & ~entry->clear_real & ~entry->zero_real & ~change) | (data & change) |
		clear;
	/*
	 * Not the half without such bits: what was read there may be something else by now, and
	 * beside the status lies the command.
	 */
	if (!((change | clear) & 0xffffu))
		pci_config_write(bdf, entry->offset + 2u, 2, value >> 16);
	else if (!((change | clear) >> 16))
		pci_config_write(bdf, entry->offset, 2, value & 0xffffu);
	else
		pci_config_write(bdf, entry->offset, 4, value);
}

/* D1 and D2, which the client's function does not have (PCI Power Management 1.2, 3.2.4). */
static bool drops(const struct config_filter *filter, const struct config_register *entry,
		  uint32_t data)
{
	return filter->function->pm && entry->offset == filter->function->pm + PM_CONTROL &&
	       (data & PM_STATE) != 0 && (data & PM_STATE) != PM_D3;
}

unsigned int config_filter_write(struct config_filter *filter, unsigned int offset,
				 unsigned int size, uint32_t value)
{
	struct config_register *entry = (struct config_register *)(uintptr_t)find(filter, offset);
	uint32_t covered = size_mask(size) << shift_of(offset);
	uint32_t data = value << shift_of(offset);

	/* What the table does not name cannot be written, whatever a device may have there. */
	if (!entry)
		return 0;
	/* The real BARs stay: registers that moved could be laid over another device's. */
	if (entry->offset >= CFG_BAR && entry->offset < CFG_BAR + 4 * PCI_BARS) {
		write_bar(filter, entry, (entry->value & ~covered) | (data & covered));
		return 0;
	}
	if (entry->offset == CFG_ROM) {
		write_rom(filter, entry, (entry->value & ~covered) | (data & covered));
		return CONFIG_ROM;
	}
	if (drops(filter, entry, data))
		covered &= ~PM_STATE;
	entry->value = (entry->value & ~(entry->write_virtual & covered)) |
		       (data & entry->write_virtual & covered);
	write_real(filter, entry, covered, data);
	return effects_of(filter, entry, covered, data);
}

uint32_t config_filter_wish(const struct config_filter *filter, unsigned int offset,
			    unsigned int size)
{
	const struct config_register *entry = find(filter, offset);

	return entry ? (entry->value >> shift_of(offset)) & size_mask(size) : 0;
}

/*
 * BARs keep their addresses: the platform restores the real ones, so the client must not see them
 * go.
 */
void config_filter_reset(struct config_filter *filter)
{
	for (unsigned int i = 0; i < filter->count; i++) {
		struct config_register *entry = &filter->registers[i];

		if (entry->offset < CFG_BAR || entry->offset >= CFG_BAR + 4 * PCI_BARS)
			entry->value &= ~entry->write_virtual;
		if (entry->offset == CFG_ROM)
			entry->value &= ~ROM_ENABLE;
	}
}
