/* SPDX-License-Identifier: MIT */
/* A write to filtered configuration space changes no bit of the device that its register does not
 * let through. */
#include "drivers/platform/config_filter.c"
#include "proof.h"

#define REGISTERS 3

/* The register, what it is then, and which of its bits were written. */
static uint32_t device, written, reached;
static bool wrote;

uint32_t pci_config_read(uint16_t bdf, unsigned int offset, unsigned int size)
{
	(void)bdf;
	(void)offset;
	(void)size;
	return device;
}

void pci_config_write(uint16_t bdf, unsigned int offset, unsigned int size, uint32_t value)
{
	(void)bdf;
	prove((size == 4 || size == 2) && offset % size == 0 && !wrote,
	      "one write of a register or of a half");
	wrote = true;
	reached = size_mask(size) << shift_of(offset);
	written = (device & ~reached) | (value << shift_of(offset) & reached);
}

int main(void)
{
	static struct config_filter filter;
	static struct pci_function function;
	const struct config_register *entry;
	unsigned int offset = (unsigned int)any(), size = (unsigned int)any();
	uint32_t value = (uint32_t)any(), covered, seen;

	filter.function = &function;
	filter.count = REGISTERS;
	for (unsigned int i = 0; i < REGISTERS; i++) {
		struct config_register *one = &filter.registers[i];

		one->offset = (uint16_t)any();
		one->virtual_bits = (uint32_t)any();
		one->value = (uint32_t)any();
		one->write_virtual = (uint32_t)any() & one->virtual_bits;
		one->write_real = (uint32_t)any() & ~one->virtual_bits;
		one->clear_real = (uint32_t)any() & ~one->virtual_bits & ~one->write_real;
		assume(one->offset % 4 == 0 && one->offset < 4096);
		/* Base address registers answer from the tree: another matter. */
		assume(one->offset < CFG_BAR || one->offset >= CFG_BAR + 4 * PCI_BARS);
	}
	assume((size == 1 || size == 2 || size == 4) && offset % size == 0 && offset < 4096);
	device = (uint32_t)any();
	entry = find(&filter, offset);
	covered = size_mask(size) << shift_of(offset);
	config_filter_write(&filter, offset, size, value);
	if (wrote) {
		prove(entry, "only registers of the filter are written");
		prove(!((written ^ device) & ~(entry->write_real | entry->clear_real)),
		      "no other bit of the device changes");
		prove(!((written ^ device) & entry->write_real & ~covered),
		      "nor one the client did not write");
		prove(!(written & entry->clear_real & reached & ~covered),
		      "nor is one cleared beside");
	}
	seen = config_filter_read(&filter, offset, size);
	prove(seen <= size_mask(size), "no more bits than asked for");
	if (entry && size == 4)
		prove(!((seen ^ entry->value) & entry->virtual_bits) &&
			      !((seen ^ device) & ~entry->virtual_bits),
		      "virtual bits from the copy, the others from the device");
	return 0;
}
