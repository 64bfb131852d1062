/* SPDX-License-Identifier: MIT */
/* The platform component: finds the machine's PCI devices, then serves PCI and Power sessions. */
#include <stdio.h>

#include "acpi.h"
#include "bar_place.h"
#include "device_reset.h"
#include "hardware_start.h"
#include "interpreter.h"
#include "iommu.h"
#include "pci_groups.h"
#include "pci_session.h"
#include "pci_settings.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "resource.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/thread.h"
#include "service.h"
#include "session/parent.h"
#include "turn.h"

static struct pci_server server = { .dma = &dma_untranslated };

/* Every function is silent before an IOMMU is touched. */
static void start_iommu(void)
{
	switch (iommu_start(&server.tree, &server.acpi, &server.dma)) {
	case IOMMU_NONE:
		printf("no IOMMU: devices reach all memory\n");
		break;
	case IOMMU_HELD:
		component_panic("an IOMMU cannot be taken over: the memory it uses must stay");
	default:
		break;
	}
}

/* Where the description keeps memory for it, functions have their addresses in every life. */
static void keep_settings(void)
{
	purlin_u64 memory, pages;
	void *room;

	if (rpc_receive(PURLIN_SLOT_PARENT, PARENT_KEPT, 0, &memory))
		return;
	pages = message()->word[0];
	if (!memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &room))
		pci_settings_keep(room, (unsigned int)(pages * PURLIN_PAGE_SIZE /
						       sizeof(struct pci_settings)));
}

static void find_devices(void)
{
	if (!acpi_start(&server.acpi))
		printf("no usable ACPI: no interrupt routes, no power-off\n");
	/*
	 * Scanning silences each function it finds; requests under way end before the IOMMU
	 * starts.
	 */
	for (unsigned int i = 0; i < server.acpi.roots; i++)
		pci_tree_scan(&server.tree, server.acpi.root[i].bus);
	reset_drain_all(&server.tree);
	reset_note_all(&server.tree);
	bars_place_lost(&server);
	start_iommu();
	pci_groups_form(&server.tree);
	acpi_routes(&server.tree);
	printf("%u PCI functions\n", server.tree.count);
}

int component_main(purlin_u64 argument)
{
	if (!hardware_start() || !resources_start() || !pins_start())
		component_panic("a session of core is missing");
	if (turn_start() || turn_add_thread())
		component_panic("no memory for threads");
	/* Kept until all is ready (service_run): there is nobody yet who could need it. */
	turn_take();
	keep_settings();
	interpreter_place(argument);
	find_devices();
	service_run(&server, argument);
	return 1;
}
