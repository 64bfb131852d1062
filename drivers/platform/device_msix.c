/* SPDX-License-Identifier: MIT */
/* The MSI-X table of an assigned function (PCI 3.0, 6.8.2): place, mapping, entries. */
#include "device_msix.h"

#include <stdlib.h>

#include "hardware.h"
#include "pci_bars.h"
#include "pci_config.h"
#include "pci_registers.h"
#include "runtime/memory.h"

#define PAGE PURLIN_PAGE_SIZE
#define ENTRY_WORDS (MSIX_ENTRY_BYTES / 4)
#define ENTRY_CONTROL 3

/* What the capability says, read once: a device may say something else the next time. */
struct table_place {
	unsigned int entries;
	unsigned int bar;
	uint64_t offset;
};

static struct table_place read_place(const struct pci_function *function)
{
	uint32_t control = pci_config_read(function->bdf, function->msix + MSIX_CONTROL, 2);
	uint32_t table = pci_config_read(function->bdf, function->msix + MSIX_TABLE, 4);

	return (struct table_place){ (control & MSIX_SIZE) + 1, table & MSIX_BAR,
				     table & ~MSIX_BAR };
}

static const char *place_problem(const struct pci_function *function,
				 const struct table_place *place)
{
	const struct pci_bar *bar;

	if (place->bar >= PCI_BARS)
		return "its MSI-X table is in no BAR";
	bar = &function->bar[place->bar];
	if (!pci_bar_usable(function, place->bar) || bar->flags & BAR_IO)
		return "its MSI-X table is in no usable BAR";
	if (place->offset + place->entries * MSIX_ENTRY_BYTES > bar->size)
		return "its MSI-X table goes beyond its BAR";
	return NULL;
}

/* What lies beside the table in its pages would be lost if the client did not get them. */
static bool beside_registers(const struct device_msi *device)
{
	return (device->offset | device->function->bar[device->bar].address) % PAGE != 0;
}

bool device_msix_pages(const struct device_msi *device, unsigned int bar, uint64_t *first,
		       uint64_t *count)
{
	if (!device->entries || device->open || device->bar != bar)
		return false;
	*first = device->offset / PAGE;
	*count = PAGES_OF(device->entries * MSIX_ENTRY_BYTES);
	return true;
}

void device_msix_mask(struct device_msi *device)
{
	/*
	 * One by one: the mask of the whole function follows the client's wish
	 * (device_msi_update).
	 */
	for (unsigned int i = 0; device->table && i < device->entries; i++)
		device->table[i * ENTRY_WORDS + ENTRY_CONTROL] = MSIX_ENTRY_MASKED;
}

/*
 * The client may have these pages, too, since it harms nobody by what it writes there
 * (any_message). They are claimed as it claims them, for core would refuse them otherwise.
 */
static volatile uint32_t *map_open(struct device_msi *device, uint64_t address, uint64_t bytes)
{
	uint64_t pages = PAGES_OF(address % PAGE + bytes);
	char *first;

	if (resource_claim_memory(&device->pages, address - address % PAGE, pages))
		return NULL;
	first = hardware_map_claimed(device->pages.slot, pages);
	if (first)
		return (volatile uint32_t *)(void *)(first + address % PAGE);
	resource_release_memory(&device->pages);
	return NULL;
}

static void unmap_table(struct device_msi *device)
{
	uintptr_t address = (uintptr_t)device->table;

	if (!device->open) {
		hardware_unmap((void *)address, device->entries * MSIX_ENTRY_BYTES);
		return;
	}
	hardware_unmap_claimed((void *)(address - address % PAGE));
	resource_release_memory(&device->pages);
}

static uint64_t table_address(const struct device_msi *device)
{
	return device->function->bar[device->bar].address + device->offset;
}

static bool map_table(struct device_msi *device, unsigned int entries)
{
	device->entry = calloc(entries, sizeof(*device->entry));
	if (device->entry && !device->open)
		device->table = hardware_map(table_address(device), entries * MSIX_ENTRY_BYTES);
	return device->entry && (device->open || device->table);
}

bool device_msix_open(struct device_msi *device)
{
	if (device->open && !device->table) {
		device->table =
			map_open(device, table_address(device), device->entries * MSIX_ENTRY_BYTES);
		device_msix_mask(device);
	}
	return !device->open || device->table;
}

/* Kept: where the table is has been checked once, and must not move afterwards. */
static const char *take_table(struct device_msi *device, const struct table_place *place)
{
	device->bar = place->bar;
	device->offset = place->offset;
	device->open = beside_registers(device);
	if (device->open && !device->domain->type->any_message(device->function))
		return "registers share a page with its MSI-X table";
	return map_table(device, place->entries) ? NULL : "no access to its MSI-X table";
}

void device_msix_start(struct device_msi *device)
{
	struct table_place place;
	const char *problem;

	if (!device->function->msix)
		return;
	place = read_place(device->function);
	problem = place_problem(device->function, &place);
	if (!problem)
		problem = take_table(device, &place);
	if (problem) {
		pci_function_log(device->function, problem);
		pci_function_log(device->function,
				 "no MSI-X for its driver, but MSI or INTx if it has them");
		return;
	}
	device->entries = place.entries;
	device_msix_mask(device);
}

/* The entry is masked while it changes, as PCI 3.0, 6.8.2.9 asks. */
void device_msix_program(struct device_msi *device, unsigned int index)
{
	volatile uint32_t *entry = device->table + index * ENTRY_WORDS;
	const struct message_interrupt *interrupt = &device->entry[index];

	entry[ENTRY_CONTROL] = MSIX_ENTRY_MASKED;
	entry[0] = (uint32_t)interrupt->address;
	entry[1] = (uint32_t)(interrupt->address >> 32);
	entry[2] = interrupt->data;
	if (interrupt->resource.slot && !interrupt->held_until)
		entry[ENTRY_CONTROL] = 0;
}

/* A client's driver masks all when it begins, as Linux's does, and does not know of ours. */
void device_msix_refresh(struct device_msi *device)
{
	for (unsigned int i = 0; device->open && device->table && i < device->entries; i++)
		device_msix_program(device, i);
}

void device_msix_stop(struct device_msi *device)
{
	if (device->table)
		unmap_table(device);
	free(device->entry);
}
