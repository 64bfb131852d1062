/* SPDX-License-Identifier: MIT */
/*
 * Runs, and has whatever device comes into its slot: takes it, lets it write to memory all the
 * time, and gives it back when it is to leave or is gone.
 */
#include <stdio.h>

#include "../edu/edu.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/control.h"

#define COMMAND 4
#define COMMAND_MEMORY_MASTER 0x6u
#define BIT_CHANGES 0x1u
#define BIT_MESSAGE 0x2u
#define REGISTER_PAGES 256

static struct edu edu;
static purlin_u64 control, changes;
static bool works; /* the device has sent a message */

static void must(purlin_s64 status, const char *what)
{
	if (status)
		component_panic("%s: %lld", what, (long long)status);
}

static void start(void)
{
	purlin_u64 memory;
	void *at;

	edu.signal = slot_reserve();
	must(session_open("Control", "", &control), "Control");
	must(session_open("PCI", "plugged", &edu.session), "PCI");
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, edu.signal), "signal");
	must(memory_new_mapped(1, PURLIN_MEMORY_CONTIGUOUS, &memory, &at), "memory");
	must(pci_dma_map(edu.session, memory, &edu.bus_address), "attach");
	must(rpc_receive(edu.session, PCI_CHANGES, 0, &changes), "changes");
	must(purlin_irq_bind(changes, edu.signal, BIT_CHANGES), "bind");
}

/* It may be gone again at any step; then that is told next. */
static bool use(void)
{
	purlin_u64 first, pages, memory;
	void *registers;

	if (pci_bar_piece(edu.session, edu.bdf, 0, 0, &first, &pages, &memory) ||
	    memory_map(memory, 0, REGISTER_PAGES, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers))
		return false;
	edu.registers = registers;
	if (pci_msi_allocate(edu.session, edu.bdf, PCI_MSI, 0, &edu.irq) ||
	    purlin_irq_bind(edu.irq, edu.signal, BIT_MESSAGE))
		return false;
	pci_write(edu.session, edu.bdf, pci_find_capability(edu.session, edu.bdf, 5) + 2, 2, 1);
	pci_write(edu.session, edu.bdf, COMMAND, 2, COMMAND_MEMORY_MASTER);
	edu_transfer(&edu, 0, EDU_TRANSFER_BYTES, true);
	return true;
}

static purlin_u64 memory_of_platform(void)
{
	message()->word[0] = 0;
	must(rpc(control, CONTROL_COMPONENT, 1), "look at the platform component");
	return message()->word[CONTROL_MEMORY_USED];
}

static void give_back(void)
{
	purlin_u64 bdf, id, class_revision;

	while (!pci_device(edu.session, 0, &bdf, &id, &class_revision)) {
		message()->word[0] = bdf;
		must(rpc(edu.session, PCI_RELEASE, 1), "release");
	}
	if (edu.registers)
		memory_unmap((void *)(purlin_u64)edu.registers);
	slot_delete(edu.irq);
	edu.registers = NULL;
	edu.irq = 0;
	printf("gone: %llu bytes\n", (unsigned long long)memory_of_platform());
}

/* The last of the card's devices is used: of those behind a bridge, one. */
static unsigned int find_last(void)
{
	purlin_u64 id, class_revision, bdf;
	unsigned int count = 0;

	while (!pci_device(edu.session, count, &bdf, &id, &class_revision)) {
		edu.bdf = bdf;
		count++;
	}
	return count;
}

/* What it had goes before the next one comes, which is told of after that. */
static void look(void)
{
	purlin_u64 bdf, id, class_revision;
	unsigned int count;

	if (!pci_device(edu.session, 0, &bdf, &id, &class_revision)) {
		if (message()->word[3] != PCI_DEVICE_THERE)
			give_back();
		return;
	}
	message()->word[0] = PCI_CLAIM_NEW;
	if (rpc(edu.session, PCI_CLAIM, 1))
		return;
	count = find_last();
	if (!count)
		return;
	works = false;
	printf("came: %u devices\n", count);
	if (!use())
		printf("it cannot be used\n");
}

/* A device that is gone reads as all ones: then it sends no more either. */
static void go_on(void)
{
	edu_write(&edu, EDU_ACKNOWLEDGE, edu_read(&edu, EDU_INTERRUPT_STATUS));
	(void)purlin_irq_ack(edu.irq);
	if (!works)
		printf("works\n");
	works = true;
	edu_transfer(&edu, 0, EDU_TRANSFER_BYTES, true);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 bits;

	(void)argument;
	start();
	printf("waiting\n");
	for (;;) {
		if (purlin_signal_wait(edu.signal, &bits))
			return 1;
		if (bits & BIT_MESSAGE && edu.registers)
			go_on();
		if (!(bits & BIT_CHANGES))
			continue;
		(void)purlin_irq_ack(changes);
		look();
	}
}
