/* SPDX-License-Identifier: MIT */
/*
 * A driver that goes on while somebody else's device is reset: a round each millisecond reads
 * configuration space and takes an interrupt, and transfers follow one another. No round may wait
 * for the reset, which takes 100 ms. Time is counted in instructions (scenario slow-reset).
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "edu.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define ROUNDS 900
#define SECOND 1000
#define RAISED 2u
#define COMMAND 4
#define COMMAND_MEMORY_MASTER 0x6u
#define CAP_MSI 5
/* The device takes 100 ms for a transfer. */
#define TRANSFERS 6
#define LONGEST_ROUND_MS 5

static struct edu edu;
static unsigned int transfers, wrong;

static void must(purlin_s64 status, const char *what)
{
	if (status)
		component_panic("steady: %s gave %ld", what, status);
}

/* To the device, and from there to the other half of the memory. */
static void transfer_next(void)
{
	unsigned char *other = edu.memory + EDU_BUFFER_BYTES;

	if (transfers % 2 == 0) {
		wrong += transfers && memcmp(edu.memory, other, EDU_TRANSFER_BYTES) != 0;
		memset(edu.memory, (int)transfers + 1, EDU_TRANSFER_BYTES);
		memset(other, 0, EDU_TRANSFER_BYTES);
		edu_transfer(&edu, 0, EDU_TRANSFER_BYTES, false);
	} else {
		edu_transfer(&edu, EDU_BUFFER_BYTES, EDU_TRANSFER_BYTES, true);
	}
}

static void transfer_look(uint32_t causes)
{
	if (!(causes & EDU_CAUSE_DMA))
		return;
	transfers++;
	transfer_next();
}

static void round_do(void)
{
	uint32_t causes;

	wrong += pci_read(edu.session, edu.bdf, 0, 4) != EDU_ID;
	edu_write(&edu, EDU_RAISE, RAISED);
	causes = edu_wait(&edu, SECOND);
	wrong += !(causes & RAISED);
	transfer_look(causes);
}

static void start(void)
{
	purlin_u64 id, class_revision, first, pages, memory, irq, offset;
	void *address;

	edu.signal = slot_reserve();
	edu.timer = slot_reserve();
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, edu.signal), "signal");
	must(purlin_timer_create(PURLIN_SLOT_ACCOUNT, edu.timer), "timer");
	must(session_open("PCI", "steady", &edu.session), "PCI");
	must(pci_device(edu.session, 0, &edu.bdf, &id, &class_revision), "device");
	must(pci_bar_piece(edu.session, edu.bdf, 0, 0, &first, &pages, &memory), "BAR");
	must(memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address), "BAR");
	edu.registers = address;
	must(memory_new_mapped(2, PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G,
			       &edu.memory_slot, &address),
	     "memory");
	edu.memory = address;
	must(pci_dma_map(edu.session, edu.memory_slot, &edu.bus_address), "attach");
	pci_write(edu.session, edu.bdf, COMMAND, 2, COMMAND_MEMORY_MASTER);
	must(pci_msi_allocate(edu.session, edu.bdf, PCI_MSI, 0, &irq), "MSI");
	offset = pci_find_capability(edu.session, edu.bdf, CAP_MSI);
	pci_write(edu.session, edu.bdf, offset + 2, 2, 1);
	must(edu_bind(&edu, irq), "bind");
}

static purlin_u64 ticks_per_millisecond(void)
{
	purlin_u64 session, hz, now;

	must(session_open("Timer", "steady", &session), "Timer");
	must(timer_info(session, &hz, &now), "Timer");
	return hz / 1000;
}

int component_main(purlin_u64 argument)
{
	purlin_u64 millisecond = ticks_per_millisecond(), longest = 0;

	(void)argument;
	start();
	transfer_next();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		purlin_u64 begun = tsc_now(), time;

		round_do();
		time = tsc_now() - begun;
		longest = time > longest ? time : longest;
		transfer_look(edu_wait(&edu, 1));
	}
	printf("longest round: %llu us\n", (unsigned long long)(longest * 1000 / millisecond));
	check_equal("wrong values, lost interrupts", wrong, 0);
	check_true("transfers went on", transfers >= TRANSFERS);
	check_true("no round waited for a reset", longest < LONGEST_ROUND_MS * millisecond);
	return check_sum();
}
