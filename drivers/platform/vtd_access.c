/* SPDX-License-Identifier: MIT */
/* Registers of a unit: the one part that host tests replace by a model. */
#include "vtd_unit.h"

uint32_t vtd_read(const struct vtd_unit *unit, unsigned int offset)
{
	return *(const volatile uint32_t *)(unit->registers + offset);
}

void vtd_write(const struct vtd_unit *unit, unsigned int offset, uint32_t value)
{
	*(volatile uint32_t *)(unit->registers + offset) = value;
}

uint64_t vtd_read_wide(const struct vtd_unit *unit, unsigned int offset)
{
	return *(const volatile uint64_t *)(unit->registers + offset);
}

void vtd_write_wide(const struct vtd_unit *unit, unsigned int offset, uint64_t value)
{
	*(volatile uint64_t *)(unit->registers + offset) = value;
}
