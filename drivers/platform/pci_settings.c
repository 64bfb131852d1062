/* SPDX-License-Identifier: MIT */
/* Addresses and the like, in memory that outlives this component. */
#include "pci_settings.h"

#include "pci_bars.h"
#include "pci_config.h"
#include "pci_registers.h"

static struct pci_settings *kept;
static unsigned int kept_count;

void pci_settings_keep(struct pci_settings *room, unsigned int count)
{
	kept = room;
	kept_count = count;
}

static uint32_t id_of(const struct pci_function *function)
{
	return (uint32_t)function->device << 16 | function->vendor;
}

static struct pci_settings *settings_find(const struct pci_function *function)
{
	for (unsigned int i = 0; i < kept_count; i++)
		if (kept[i].id == id_of(function) && kept[i].bdf == function->bdf)
			return &kept[i];
	return NULL;
}

static void settings_store(const struct pci_function *function, const struct pci_settings *settings)
{
	struct pci_settings *place = NULL, value = *settings;

	/* In place of what was there before, if anything was. */
	for (unsigned int i = 0; i < kept_count; i++)
		if (kept[i].id && kept[i].bdf == function->bdf)
			place = &kept[i];
		else if (!kept[i].id && !place)
			place = &kept[i];
	if (!place)
		return;
	__atomic_store_n(&place->id, 0, __ATOMIC_SEQ_CST);
	value.id = 0;
	value.bdf = function->bdf;
	*place = value;
	__atomic_store_n(&place->id, id_of(function), __ATOMIC_SEQ_CST);
}

static void settings_read(const struct pci_function *function)
{
	unsigned int offset = pci_extended_capability_find(function->bdf, XCAP_RESIZABLE_BAR);
	unsigned int sizes = pci_bar_sizes(function->bdf, offset);
	struct pci_settings settings = { 0 };

	for (unsigned int i = 0; i < pci_bar_registers(function); i++)
		settings.bar[i] = pci_config_read(function->bdf, CFG_BAR + 4 * i, 4);
	settings.rom = pci_config_read(function->bdf, pci_rom_offset(function), 4) & ROM_ADDRESS;
	for (unsigned int i = 0; i < sizes; i++)
		settings.size[i] = pci_config_read(function->bdf, offset + REBAR_CONTROL(i), 4);
	settings_store(function, &settings);
}

/* Sizes first: an address is aligned to them. */
static void settings_write(const struct pci_function *function, const struct pci_settings *settings)
{
	unsigned int offset = pci_extended_capability_find(function->bdf, XCAP_RESIZABLE_BAR);
	unsigned int sizes = pci_bar_sizes(function->bdf, offset);

	for (unsigned int i = 0; i < sizes; i++)
		pci_config_write(function->bdf, offset + REBAR_CONTROL(i), 4, settings->size[i]);
	for (unsigned int i = 0; i < pci_bar_registers(function); i++)
		pci_config_write(function->bdf, CFG_BAR + 4 * i, 4, settings->bar[i]);
	pci_config_write(function->bdf, pci_rom_offset(function), 4, settings->rom);
}

void pci_settings_settle(const struct pci_function *function)
{
	const struct pci_settings *settings = settings_find(function);

	if (settings)
		settings_write(function, settings);
	else if (kept_count)
		settings_read(function);
}

void pci_settings_note(const struct pci_function *function)
{
	const struct pci_settings *before = settings_find(function);
	struct pci_settings settings = { 0 };

	if (!before)
		return;
	settings = *before;
	for (unsigned int i = 0; i < pci_bar_registers(function); i++) {
		const struct pci_bar *bar = &function->bar[i];

		if (!bar->size)
			continue;
		settings.bar[i] = (uint32_t)bar->address | bar->flags;
		if (!(bar->flags & BAR_IO) && (bar->flags & BAR_TYPE_MASK) == BAR_TYPE_64 &&
		    i + 1 < PCI_BARS)
			settings.bar[i + 1] = (uint32_t)(bar->address >> 32);
	}
	settings.rom = (uint32_t)function->bar[PCI_ROM].address;
	settings_store(function, &settings);
}

void pci_settings_forget(const struct pci_function *function)
{
	struct pci_settings *settings = settings_find(function);

	if (settings)
		__atomic_store_n(&settings->id, 0, __ATOMIC_SEQ_CST);
}

uint32_t pci_settings_control(const struct pci_function *function, uint32_t found)
{
	struct pci_settings *settings = settings_find(function);

	if (!settings)
		return found;
	if (!settings->has_pcie_control) {
		settings->pcie_control = (uint16_t)found;
		__atomic_store_n(&settings->has_pcie_control, 1, __ATOMIC_SEQ_CST);
	}
	return settings->pcie_control;
}
