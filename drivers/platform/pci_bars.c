/* SPDX-License-Identifier: MIT */
/* What a function's base address registers say, read once and checked. */
#include "pci_bars.h"

#include "hardware.h"
#include "pci_config.h"
#include "pci_registers.h"

#define PHYSICAL_END (1ull << 52)

unsigned int pci_bar_registers(const struct pci_function *function)
{
	return function->bridge ? 2 : PCI_BARS;
}

unsigned int pci_rom_offset(const struct pci_function *function)
{
	return function->bridge ? CFG_BRIDGE_ROM : CFG_ROM;
}

/* How many sizes can be chosen. */
unsigned int pci_bar_sizes(uint16_t bdf, unsigned int offset)
{
	unsigned int count =
		offset ? (pci_config_read(bdf, offset + REBAR_CONTROL(0), 4) & REBAR_COUNT) >>
				 REBAR_COUNT_SHIFT :
			 0;

	return count < PCI_BARS ? count : PCI_BARS;
}

/*
 * What stood there comes back: firmware may still use the device, and the platform moves nothing.
 */
static uint32_t size_register(uint16_t bdf, unsigned int offset, uint32_t ones)
{
	uint32_t old = pci_config_read(bdf, offset, 4);
	uint32_t answer;

	pci_config_write(bdf, offset, 4, ones);
	answer = pci_config_read(bdf, offset, 4);
	pci_config_write(bdf, offset, 4, old);
	return answer;
}

/* What no real device says: then there is no such BAR. */
static bool bar_sound(const struct pci_bar *bar)
{
	return bar->size && !(bar->size & (bar->size - 1)) && !(bar->address & (bar->size - 1)) &&
	       bar->size <= PHYSICAL_END && bar->address <= PHYSICAL_END - bar->size &&
	       ((bar->flags & BAR_IO) || (bar->flags & BAR_TYPE_MASK) != BAR_TYPE_RESERVED);
}

static void drop_unsound(struct pci_function *function, unsigned int index)
{
	struct pci_bar *bar = &function->bar[index];

	if (!bar->size || bar_sound(bar))
		return;
	hardware_log("PCI %02x:%02x.%x (%04x:%04x): BAR %u makes no sense (0x%llx, 0x%llx bytes)",
		     PCI_BUS(function->bdf), PCI_SLOT(function->bdf), PCI_FUNCTION(function->bdf),
		     function->vendor, function->device, index, (unsigned long long)bar->address,
		     (unsigned long long)bar->size);
	*bar = (struct pci_bar){ .size = 0 };
}

/* Returns how many registers the BAR takes. */
static unsigned int read_bar(struct pci_function *function, unsigned int index,
			     unsigned int registers)
{
	struct pci_bar *bar = &function->bar[index];
	unsigned int offset = CFG_BAR + 4 * index;
	uint32_t value = pci_config_read(function->bdf, offset, 4);
	uint64_t mask = size_register(function->bdf, offset, 0xffffffffu);

	/* No bit can be written: there is no BAR. */
	if (!mask)
		return 1;
	/* Ports have 16 bits on a PC, whatever the register can hold. */
	if (value & BAR_IO) {
		bar->flags = BAR_IO;
		bar->address = value & 0xfffcu;
		bar->size = (~(mask & 0xfffcu) & 0xffffu) + 1;
		return 1;
	}
	if ((value & BAR_TYPE_MASK) == BAR_TYPE_64 && index + 1 == registers)
		return 1;
	bar->flags = value & 0xfu;
	bar->address = value & ~0xfu;
	mask = (mask & ~0xfull) | 0xffffffff00000000ull;
	if ((value & BAR_TYPE_MASK) == BAR_TYPE_64) {
		bar->address |= (uint64_t)pci_config_read(function->bdf, offset + 4, 4) << 32;
		mask = (mask & 0xffffffffull) |
		       (uint64_t)size_register(function->bdf, offset + 4, 0xffffffffu) << 32;
	}
	bar->size = ~mask + 1;
	return (value & BAR_TYPE_MASK) == BAR_TYPE_64 ? 2 : 1;
}

/*
 * PCI 3.0, 6.2.5.2. It may share its decoder with the BARs, and its address may be anybody's: it is
 * switched off before all else, and sized without being switched on.
 */
static void read_rom(struct pci_function *function)
{
	unsigned int offset = pci_rom_offset(function);
	struct pci_bar *rom = &function->bar[PCI_ROM];
	uint32_t value = pci_config_read(function->bdf, offset, 4) & ROM_ADDRESS;
	uint32_t mask;

	pci_config_write(function->bdf, offset, 4, value);
	mask = size_register(function->bdf, offset, ROM_ADDRESS) & ROM_ADDRESS;
	if (!mask || function->bridge)
		return;
	*rom = (struct pci_bar){ .address = value, .size = (uint64_t)~mask + 1 };
	drop_unsound(function, PCI_ROM);
}

/* PCI 3.0, 6.2.5.1: decoding is off while sizes are read. */
void pci_bars_read(struct pci_function *function, uint32_t command)
{
	unsigned int registers = pci_bar_registers(function);

	pci_config_write(function->bdf, CFG_COMMAND, 2, command & ~(COMMAND_IO | COMMAND_MEMORY));
	for (unsigned int index = 0, next; index < registers; index = next) {
		next = index + read_bar(function, index, registers);
		drop_unsound(function, index);
	}
	read_rom(function);
	pci_config_write(function->bdf, CFG_COMMAND, 2, command);
}

/*
 * A reset gives a BAR its default size, which may be larger than the room that firmware made by
 * choosing a smaller one: what was chosen is kept, to be written again (PCI Express 5.0, 7.8.6.3).
 */
void pci_bar_sizes_read(struct pci_function *function)
{
	unsigned int offset = pci_extended_capability_find(function->bdf, XCAP_RESIZABLE_BAR);
	uint16_t bdf = function->bdf;

	function->rebar = (uint16_t)offset;
	function->rebars = (uint8_t)pci_bar_sizes(bdf, offset);
	for (unsigned int i = 0; i < function->rebars; i++)
		function->rebar_control[i] = pci_config_read(bdf, offset + REBAR_CONTROL(i), 4);
}

/*
 * Decoding is switched on for all BARs of a kind at once. So one that firmware left without an
 * address makes those of its kind unusable, too: it would be decoded at 0.
 */
bool pci_bar_usable(const struct pci_function *function, unsigned int index)
{
	const struct pci_bar *bar = &function->bar[index];

	if (!bar->size || !bar->address)
		return false;
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *other = &function->bar[i];

		if (other->size && !other->address && !((other->flags ^ bar->flags) & BAR_IO))
			return false;
	}
	return true;
}
