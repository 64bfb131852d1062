/* SPDX-License-Identifier: MIT */
/* What both components do with their device first. */
#include "line.h"

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/session.h"
#include "runtime/slots.h"

bool line_start(struct edu *edu)
{
	purlin_u64 id, class_revision, first, pages, memory, irq, flags, gsi;
	void *registers;

	edu->signal = slot_reserve();
	edu->timer = slot_reserve();
	if (session_open("PCI", "edu", &edu->session) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, edu->signal) ||
	    purlin_timer_create(PURLIN_SLOT_ACCOUNT, edu->timer) ||
	    pci_device(edu->session, 0, &edu->bdf, &id, &class_revision) || id != EDU_ID ||
	    pci_bar_piece(edu->session, edu->bdf, 0, 0, &first, &pages, &memory) ||
	    memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers) ||
	    pci_intx(edu->session, edu->bdf, &irq, &flags, &gsi))
		return false;
	edu->registers = registers;
	return !edu_bind(edu, irq);
}
