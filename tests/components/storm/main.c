/* SPDX-License-Identifier: MIT */
/*
 * A device that sends messages without end, at the processor this runs on: the processor keeps
 * time for others, and the device works as before when it has calmed down.
 */
#include <stdio.h>

#include "../check.h"
#include "../edu/edu.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define STORM 200000
#define COMMAND 4
#define COMMAND_MEMORY_MASTER 0x6u
#define CAP_MSI 5

static struct edu edu;

static bool start(void)
{
	purlin_u64 id, class_revision, first, pages, memory;
	void *registers, *address;

	edu.signal = slot_reserve();
	edu.timer = slot_reserve();
	if (session_open("PCI", "edu", &edu.session) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, edu.signal) ||
	    purlin_timer_create(PURLIN_SLOT_ACCOUNT, edu.timer) ||
	    pci_device(edu.session, 0, &edu.bdf, &id, &class_revision) || id != EDU_ID ||
	    pci_bar_piece(edu.session, edu.bdf, 0, 0, &first, &pages, &memory) ||
	    memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers) ||
	    memory_new_mapped(1, PURLIN_MEMORY_CONTIGUOUS, &edu.memory_slot, &address) ||
	    pci_dma_map(edu.session, edu.memory_slot, &edu.bus_address))
		return false;
	edu.registers = registers;
	return true;
}

static bool enable_message(void)
{
	purlin_u64 offset = pci_find_capability(edu.session, edu.bdf, CAP_MSI), irq;

	if (!offset || pci_msi_allocate(edu.session, edu.bdf, PCI_MSI, 0, &irq))
		return false;
	pci_write(edu.session, edu.bdf, COMMAND, 2, COMMAND_MEMORY_MASTER);
	pci_write(edu.session, edu.bdf, offset + 2, 2, 1);
	return !edu_bind(&edu, irq);
}

static purlin_u64 delivered(void)
{
	purlin_u64 count = 0, flags, gsi;

	(void)purlin_irq_info(edu.irq, &count, &flags, &gsi);
	return count;
}

static purlin_u64 storms(void)
{
	purlin_u64 count, flags = 0, gsi;

	(void)purlin_irq_info(edu.irq, &count, &flags, &gsi);
	return flags >> 32;
}

/* Whoever wants to be told is, and says itself when its source may go on. */
static void told_owner(void)
{
	purlin_u64 bits, told = slot_reserve();
	struct pci_client_storm storm;

	(void)purlin_signal_create(PURLIN_SLOT_ACCOUNT, told);
	check_status("owner wants to be told", pci_storms(edu.session, told, &storm), PURLIN_OK);
	check_true("storms so far", storm.count > 0 && storm.kind == PCI_MSI);
	for (unsigned int i = 0; i < STORM; i++)
		edu_write(&edu, EDU_RAISE, 2);
	check_status("owner is told", purlin_signal_wait(told, &bits), PURLIN_OK);
	(void)edu_wait(&edu, 50);
	(void)edu_wait(&edu, 50);
	edu_write(&edu, EDU_RAISE, 8);
	check_equal("silent until its owner asks", edu_wait(&edu, 50), 0);
	check_status("owner asks", pci_storm_resume(edu.session, edu.bdf, PCI_MSI, 0), PURLIN_OK);
	check_true("goes on", (edu_wait(&edu, 1000) & 8) != 0);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 before, bits, taken;

	(void)argument;
	if (!check_true("device", start()) || !check_true("message", enable_message()))
		return check_sum();
	edu_write(&edu, EDU_RAISE, 1);
	check_equal("an interrupt before the storm", edu_wait(&edu, 1000), 1);
	check_equal("no storm yet", storms(), 0);
	before = delivered();
	for (unsigned int i = 0; i < STORM; i++)
		edu_write(&edu, EDU_RAISE, 2);
	taken = delivered() - before;
	printf("%lu interrupts of %u messages\n", taken, STORM);
	check_true("the storm was held back", taken < STORM);
	check_true("the storm was counted", storms() > 0);
	/* The last message waits until the hold is over. */
	check_equal("the storm's interrupt", edu_wait(&edu, 1000), 2);
	(void)edu_wait(&edu, 50);
	(void)purlin_signal_poll(edu.signal, &bits);
	edu_write(&edu, EDU_RAISE, 4);
	check_equal("an interrupt after the storm", edu_wait(&edu, 1000), 4);
	told_owner();
	return check_sum();
}
