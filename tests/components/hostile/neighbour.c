/* SPDX-License-Identifier: MIT */
/*
 * The neighbour of a Linux that attacks. Round after round it looks whether its memory, the
 * registers of its device and what the device transfers are what it left there, and whether all
 * interrupts are its own. The first thing that is wrong ends it.
 */
#include <stdio.h>
#include <string.h>

#include "../shared-line/line.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"

#define PAGES 256u
#define WORDS (PAGES * PURLIN_PAGE_SIZE / 8)
#define ATTACHED 0x4000000ull
#define COMMAND 4
#define COMMAND_MEMORY_MASTER 0x6u
#define PATIENCE 60000 /* ms: the attacker has its share of the processors */
#define TELL 16
#define TRANSFER 256
#define FACTORIAL_INTERRUPT 0x80u

static struct edu edu;
static uint64_t *memory;
static uint32_t config[64];

static uint64_t pattern(uint64_t index)
{
	return (index + 1) * 0x9e3779b97f4a7c15ull;
}

static bool complain(const char *what, uint64_t seen)
{
	printf("DAMAGED: %s (0x%llx)\n", what, (unsigned long long)seen);
	return false;
}

static bool start(void)
{
	purlin_u64 slot;
	void *address;

	if (!line_start(&edu) || memory_new_mapped(PAGES, 0, &slot, &address) ||
	    pci_dma_map_at(edu.session, slot, ATTACHED, &edu.bus_address))
		return false;
	memory = address;
	edu.memory = address;
	for (uint64_t i = 0; i < WORDS; i++)
		memory[i] = pattern(i);
	pci_write(edu.session, edu.bdf, COMMAND, 2, COMMAND_MEMORY_MASTER);
	for (unsigned int i = 0; i < 64; i++)
		config[i] = pci_read(edu.session, edu.bdf, 4 * i, 4);
	return true;
}

static bool memory_is_whole(void)
{
	for (uint64_t i = 0; i < WORDS; i++)
		if (memory[i] != pattern(i))
			return complain("memory", i * 8);
	return true;
}

static bool configuration_is_whole(void)
{
	for (unsigned int i = 0; i < 64; i++) {
		purlin_u32 value = pci_read(edu.session, edu.bdf, 4 * i, 4);

		/* The state of its line comes and goes. */
		if (i == 1 ? (value ^ config[i]) & ~0x80000u : value != config[i])
			return complain("configuration space", (uint64_t)i << 32 | value);
	}
	return true;
}

static bool no_interrupt_of_others(void)
{
	purlin_u64 bits = 0;

	return (purlin_signal_poll(edu.signal, &bits) || !bits) ||
	       complain("an interrupt that was not its own", bits);
}

/* To the device, and to another place from there. */
static bool transfers_are_right(uint32_t round)
{
	uint64_t from = round % (PAGES / 2) * PURLIN_PAGE_SIZE,
		 to = PAGES / 2 * PURLIN_PAGE_SIZE + from;

	edu_transfer(&edu, from, TRANSFER, false);
	if (edu_wait(&edu, PATIENCE) != EDU_CAUSE_DMA)
		return complain("no end of a transfer", round);
	memset(edu.memory + to, 0, TRANSFER);
	edu_transfer(&edu, to, TRANSFER, true);
	if (edu_wait(&edu, PATIENCE) != EDU_CAUSE_DMA)
		return complain("no end of a transfer back", round);
	if (memcmp(edu.memory + from, edu.memory + to, TRANSFER))
		return complain("what was transferred", round);
	for (uint64_t i = to / 8; i < (to + TRANSFER) / 8; i++)
		memory[i] = pattern(i);
	return true;
}

static bool registers_are_right(uint32_t round)
{
	edu_write(&edu, EDU_INVERSION, round);
	edu_write(&edu, EDU_STATUS, FACTORIAL_INTERRUPT);
	edu_write(&edu, EDU_FACTORIAL, 10);
	if (edu_wait(&edu, PATIENCE) != EDU_CAUSE_FACTORIAL)
		return complain("no interrupt", round);
	if (edu_read(&edu, EDU_FACTORIAL) != 3628800)
		return complain("a factorial", edu_read(&edu, EDU_FACTORIAL));
	return edu_read(&edu, EDU_INVERSION) == ~round ||
	       complain("a register", edu_read(&edu, EDU_INVERSION));
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	if (!start()) {
		printf("DAMAGED: the start\n");
		return 1;
	}
	for (uint32_t round = 1;; round++) {
		if (!registers_are_right(round) || !transfers_are_right(round) ||
		    !no_interrupt_of_others() || !memory_is_whole() || !configuration_is_whole())
			return 1;
		if (round % TELL == 1)
			printf("is whole after %u rounds\n", round);
	}
}
