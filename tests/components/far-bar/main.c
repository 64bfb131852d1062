/* SPDX-License-Identifier: MIT */
/* A BAR where the processor cannot reach it: refused, and the device's others are not. */
#include "../check.h"
#include "purlin/boot.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/session.h"

#define NEAR 0
#define FAR 2

int component_main(purlin_u64 argument)
{
	purlin_u64 session, bdf, id, class_revision, first, pages, memory;
	struct pci_client_bar bar;
	void *registers;

	(void)argument;
	if (!check_status("PCI", session_open("PCI", "far", &session), PURLIN_OK) ||
	    !check_status("device", pci_device(session, 0, &bdf, &id, &class_revision), PURLIN_OK))
		return check_sum();
	check_status("far BAR", pci_bar(session, bdf, FAR, &bar), PURLIN_OK);
	check_equal("its size", bar.bytes, 1ull << 49);
	check_status("its piece", pci_bar_piece(session, bdf, FAR, 0, &first, &pages, &memory),
		     PURLIN_OVERLAP);
	check_status("near BAR", pci_bar_piece(session, bdf, NEAR, 0, &first, &pages, &memory),
		     PURLIN_OK);
	check_status("near registers",
		     memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers),
		     PURLIN_OK);
	check_true("they answer", *(volatile unsigned int *)registers != 0xffffffffu);
	return check_sum();
}
