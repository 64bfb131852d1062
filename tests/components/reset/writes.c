/* SPDX-License-Identifier: MIT */
/* Hostile writes to configuration space, with the real filter and QEMU's devices. */
#include "../check.h"
#include "parts.h"
#include "runtime/pci.h"

#define WRITES 25000 /* for each of two functions, in each of two lives */
#define RESETS 3     /* each takes 100 ms */
#define REGISTERS 1024
#define CAP_PCIE 16
#define PCIE_CONTROL 8
#define CONTROL_RESET 0x8000u

static uint32_t before[REGISTERS];
static uint32_t state = 0x2545f491;

static uint32_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* In its word; a reset by this bit is fine, but slow. */
static uint32_t without_reset(uint32_t value, purlin_u64 offset, purlin_u64 control,
			      unsigned int *resets)
{
	unsigned int shift = (unsigned int)(offset & 3) * 8;

	if ((offset & ~3ull) != control || !(value << shift & CONTROL_RESET))
		return value;
	return *resets && (*resets)-- ? value : value & ~(CONTROL_RESET >> shift);
}

/* Half of them where the header and the capabilities are. */
static void write_at_random(purlin_u64 session, purlin_u64 bdf)
{
	purlin_u64 control = pci_find_capability(session, bdf, CAP_PCIE) + PCIE_CONTROL;
	unsigned int resets = RESETS;

	for (unsigned int i = 0; i < WRITES; i++) {
		purlin_u64 size = 1ull << next_random() % 3;
		purlin_u64 offset = next_random() % (i % 2 ? 256 : 4096) & ~(size - 1);

		pci_write(session, bdf, offset, size,
			  without_reset(next_random(), offset, control, &resets));
	}
}

static void note(purlin_u64 session, purlin_u64 bdf)
{
	for (unsigned int i = 0; i < REGISTERS; i++)
		before[i] = pci_read(session, bdf, 4 * i, 4);
}

static unsigned int changed(purlin_u64 session, purlin_u64 bdf)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < REGISTERS; i++)
		count += pci_read(session, bdf, 4 * i, 4) != before[i];
	return count;
}

static void write_beside(purlin_u64 session, const struct function *function,
			 const struct function *neighbour)
{
	note(session, neighbour->bdf);
	write_at_random(session, function->bdf);
	check_equal("registers of the neighbour that changed", changed(session, neighbour->bdf), 0);
	/* The positive control: of its own it has changed some. */
	note(session, function->bdf);
	check_status("reset after the writes", pci_reset(session, function->bdf), 0);
	check_true("some of its own had", changed(session, function->bdf) > 0);
	check_equal("its BAR", pci_read(session, function->bdf, 0x10, 4), function->bar);
}

void test_hostile_writes(purlin_u64 session, const struct function *one,
			 const struct function *other)
{
	write_beside(session, one, other);
	write_beside(session, other, one);
}
