/* SPDX-License-Identifier: MIT */
/*
 * One life of a driver among many: takes its device and what belongs to that, gives it back and
 * takes it again some times, and ends in the middle of a transfer in one of several ways.
 */
#include "../edu/edu.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

#define COMMAND 4
#define COMMAND_MEMORY_MASTER 0x6u
#define MAPPINGS 4
#define REGISTER_PAGES 256

static volatile int *volatile nowhere = (volatile int *)0x10;
static purlin_u64 session, chance;

/* Which way a life goes does not matter, only that all of them come about. */
static unsigned int choice(unsigned int ways)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(chance >> 33) % ways;
}

static void must(purlin_s64 status, const char *what)
{
	if (status)
		component_panic("%s: %lld", what, (long long)status);
}

static void take_memory(void)
{
	for (unsigned int left = 1 + choice(MAPPINGS); left; left--) {
		purlin_u64 memory, address;

		must(memory_new(PURLIN_SLOT_ACCOUNT, 1 + choice(8), PURLIN_MEMORY_CONTIGUOUS,
				&memory),
		     "memory");
		must(pci_dma_map(session, memory, &address), "attach");
	}
}

static void take_interrupts(purlin_u64 bdf)
{
	purlin_u64 irq, flags, gsi;

	must(pci_msi_allocate(session, bdf, PCI_MSI, 0, &irq), "message");
	if (choice(2))
		must(pci_intx(session, bdf, &irq, &flags, &gsi), "line");
}

/* From memory, or to memory that stays where it is. */
static void begin_transfer(struct edu *edu)
{
	purlin_u64 memory;
	void *at;

	must(memory_new_mapped(1, PURLIN_MEMORY_CONTIGUOUS, &memory, &at), "buffer");
	must(pci_dma_map(session, memory, &edu->bus_address), "attach the buffer");
	pci_write(session, edu->bdf, COMMAND, 2, COMMAND_MEMORY_MASTER);
	/* That of the life before may be under way: half of the registers of another end QEMU. */
	if (edu_read(edu, EDU_DMA_COMMAND) & EDU_DMA_START)
		return;
	edu_transfer(edu, 0, EDU_TRANSFER_BYTES, choice(2));
}

static void use(struct edu *edu)
{
	purlin_u64 id, class_revision, first, pages, memory;
	void *registers;

	must(pci_device(session, 0, &edu->bdf, &id, &class_revision), "device");
	must(pci_bar_piece(session, edu->bdf, 0, 0, &first, &pages, &memory), "registers");
	must(memory_map(memory, 0, REGISTER_PAGES, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers),
	     "map them");
	edu->registers = registers;
	take_memory();
	take_interrupts(edu->bdf);
	begin_transfer(edu);
}

/* Its registers are gone with it, and what is mapped there is nothing. */
static void give_back_and_claim(struct edu *edu)
{
	message()->word[0] = edu->bdf;
	must(rpc(session, PCI_RELEASE, 1), "release");
	memory_unmap((void *)(purlin_u64)edu->registers);
	message()->word[0] = PCI_CLAIM_ANY;
	must(rpc(session, PCI_CLAIM, 1), "claim");
}

int component_main(purlin_u64 argument)
{
	struct edu edu = { 0 };

	(void)argument;
	chance = tsc_now();
	must(session_open("PCI", "turnover", &session), "PCI");
	use(&edu);
	for (unsigned int left = choice(3); left; left--) {
		give_back_and_claim(&edu);
		use(&edu);
	}
	switch (choice(3)) {
	case 0:
		return *nowhere;
	case 1:
		component_exit(PARENT_EXIT_RESTART, 0);
	default:
		return 1;
	}
}
