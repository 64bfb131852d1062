/* SPDX-License-Identifier: MIT */
/*
 * Attacks on a neighbour's device: a BAR is laid over its registers, and messages with vectors that
 * may be its interrupt's are written by DMA. ATTACK_FORGES 0: not the messages, since QEMU's
 * IOMMUs let them pass.
 */
#include <stdio.h>

#include "../check.h"
#include "attack.h"
#include "runtime/pci.h"
#include "runtime/rpc.h"
#include "runtime/session.h"

#define BAR0 0x10
#define BAR_BYTES 0x100000u
#define PLACES 4 /* on either side of ours */
#define OURS 0x1234u
#define MESSAGE_ADDRESS 0xfee00000ull /* to the first processor; SDM 3A, 11.11 */
#define VECTOR_FIRST 0xe8u	      /* the kernel gives away the highest first */
#define VECTOR_LAST 0xefu
#define SECOND 1000

static purlin_u64 neighbour;

static bool happened(purlin_u64 what)
{
	return check_status("the neighbour looks", rpc(neighbour, NEIGHBOUR_LOOK, 0), PURLIN_OK) &&
	       (message()->word[0] & what);
}

static void tell(bool damaged, const char *what)
{
	printf("%s: %s\n", damaged ? "DAMAGED" : "out of reach", what);
}

static void attack_registers(const struct edu *edu)
{
	purlin_u32 bar = pci_read(edu->session, edu->bdf, BAR0, 4);
	bool damaged = false;

	edu_write(edu, EDU_INVERSION, OURS);
	for (unsigned int i = 0; i <= 2 * PLACES; i++) {
		pci_write(edu->session, edu->bdf, BAR0, 4, bar + (i - PLACES) * BAR_BYTES);
		damaged |= happened(NEIGHBOUR_REGISTERS);
	}
	pci_write(edu->session, edu->bdf, BAR0, 4, bar);
	check_equal("registers of ours", edu_read(edu, EDU_INVERSION), ~OURS);
	tell(damaged, "registers of a neighbour");
}

/* The number in the device's buffer is written to where messages go. */
static void forge(struct edu *edu, uint64_t number_at)
{
	edu->bus_address = number_at;
	edu_transfer(edu, 0, sizeof(uint32_t), false);
	(void)edu_wait(edu, SECOND);
	edu->bus_address = MESSAGE_ADDRESS;
	edu_transfer(edu, 0, sizeof(uint32_t), true);
	/* One of them is our own line's; then the end of the transfer is told by the next wait. */
	while (edu_wait(edu, SECOND) != EDU_CAUSE_DMA)
		;
}

static void attack_interrupt(struct edu *edu, volatile uint32_t *number, uint64_t number_at)
{
	(void)happened(NEIGHBOUR_INTERRUPT);
	for (*number = VECTOR_FIRST; *number <= VECTOR_LAST; ++*number)
		forge(edu, number_at);
	tell(happened(NEIGHBOUR_INTERRUPT), "interrupt of a neighbour");
}

void attack_neighbour(struct edu *edu, volatile uint32_t *number, uint64_t number_at)
{
	if (session_open(NEIGHBOUR_SERVICE, "", &neighbour))
		return;
	attack_registers(edu);
	if (ATTACK_FORGES)
		attack_interrupt(edu, number, number_at);
}
