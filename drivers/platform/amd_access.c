/* SPDX-License-Identifier: MIT */
/* Registers of a unit: the one part that host tests replace by a model. */
#include "amd_unit.h"

uint64_t amd_read(const struct amd_unit *unit, unsigned int offset)
{
	return *(const volatile uint64_t *)(unit->registers + offset);
}

void amd_write(const struct amd_unit *unit, unsigned int offset, uint64_t value)
{
	*(volatile uint64_t *)(unit->registers + offset) = value;
}
