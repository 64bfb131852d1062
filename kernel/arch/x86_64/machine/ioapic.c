// SPDX-License-Identifier: MIT
/* I/O APICs (82093AA data sheet): interrupt lines, and the old controllers kept quiet. */
#include "arch/acpi.h"
#include "arch/apic.h"
#include "arch/boot.h"
#include "arch/instructions.h"
#include "base/arch.h"

#define REGISTER_VERSION 1
#define REGISTER_LINE(line) (0x10 + 2 * (line))
#define LINE_VECTOR 0xffu
#define LINE_ENTRY_HIGH (1u << 11) /* bit 15 of an entry's number */
#define LINE_REMAPPED (1u << 16)   /* in the upper half, with bits 0 to 14 above it */
#define LINE_REMAPPED_LEVEL 256
#define LINE_ACTIVE_LOW (1u << 13)
#define LINE_PENDING (1u << 14) /* a level's interrupt has not ended */
#define LINE_LEVEL (1u << 15)
#define LINE_MASKED (1u << 16)

static struct ioapic {
	volatile uint32_t *select, *window;
	uint32_t first, count; /* GSIs */
	bool remapped;	       /* messages name entries from `entry` on */
	uint32_t entry;
} ioapics[ACPI_IOAPICS];

/* The window shows the selected register: the kernel lock makes one access of both. */
static uint32_t ioapic_read(const struct ioapic *ioapic, uint32_t index)
{
	*ioapic->select = index;
	return *ioapic->window;
}

static void ioapic_write(const struct ioapic *ioapic, uint32_t index, uint32_t value)
{
	*ioapic->select = index;
	*ioapic->window = value;
}

static const struct ioapic *find(uint32_t gsi)
{
	for (unsigned int i = 0; i < acpi.ioapics; i++)
		if (gsi >= ioapics[i].first && gsi - ioapics[i].first < ioapics[i].count)
			return &ioapics[i];
	return NULL;
}

bool ioapic_has(uint32_t gsi)
{
	return find(gsi) != NULL;
}

/*
 * VT-d 4.1, 5.1.2.2: the number of an entry in place of the destination. Masked while the halves do
 * not belong together.
 */
static void line_write(const struct ioapic *ioapic, uint32_t line, uint32_t low, uint32_t apic_id)
{
	uint32_t high = apic_id << 24;

	if (ioapic->remapped) {
		uint32_t number = ioapic->entry + (low & LINE_VECTOR) +
				  (low & LINE_LEVEL ? LINE_REMAPPED_LEVEL : 0);
		high = number << 17 | LINE_REMAPPED;
		low |= number >> 15 ? LINE_ENTRY_HIGH : 0;
	}
	ioapic_write(ioapic, REGISTER_LINE(line), low | LINE_MASKED);
	ioapic_write(ioapic, REGISTER_LINE(line) + 1, high);
	if (!(low & LINE_MASKED))
		ioapic_write(ioapic, REGISTER_LINE(line), low);
}

void ioapic_route(uint32_t gsi, uint32_t apic_id, uint8_t vector, uint32_t flags)
{
	const struct ioapic *ioapic = find(gsi);
	uint32_t line = gsi - ioapic->first;
	uint32_t low = LINE_MASKED | vector;

	if (flags & PURLIN_IRQ_LEVEL)
		low |= LINE_LEVEL;
	if (flags & PURLIN_IRQ_ACTIVE_LOW)
		low |= LINE_ACTIVE_LOW;
	line_write(ioapic, line, low, apic_id);
}

bool ioapic_begins(uint32_t gsi)
{
	const struct ioapic *ioapic = find(gsi);

	return ioapic && ioapic->first == gsi;
}

void ioapic_remap(uint32_t gsi, uint32_t entry, uint32_t apic_id)
{
	struct ioapic *ioapic = &ioapics[find(gsi) - ioapics];

	ioapic->remapped = true;
	ioapic->entry = entry;
	for (uint32_t line = 0; line < ioapic->count; line++) {
		uint32_t low = ioapic_read(ioapic, REGISTER_LINE(line)) & ~LINE_ENTRY_HIGH;

		/* Without a vector nobody has claimed the line: it gets its number when routed. */
		if (low & LINE_VECTOR)
			line_write(ioapic, line, low, apic_id);
	}
}

void arch_irq_gsi_mask(uint32_t gsi, bool masked)
{
	const struct ioapic *ioapic = find(gsi);
	uint32_t index = REGISTER_LINE(gsi - ioapic->first);
	uint32_t low = ioapic_read(ioapic, index) & ~LINE_MASKED;

	/*
	 * The end of a level's interrupt was not told to the I/O APIC: an IOMMU made an edge of it,
	 * as QEMU's of AMD's kind does. It is forgotten in the other mode.
	 */
	if (!masked && low & LINE_PENDING)
		ioapic_write(ioapic, index, (low & ~LINE_LEVEL) | LINE_MASKED);
	ioapic_write(ioapic, index, low | (masked ? LINE_MASKED : 0));
}

void ioapic_init(void)
{
	for (unsigned int i = 0; i < acpi.ioapics; i++) {
		struct ioapic *ioapic = &ioapics[i];
		ioapic->select = direct_map_device(acpi.ioapic[i].address, PAGE_SIZE);
		ioapic->window = ioapic->select + 4;
		ioapic->first = acpi.ioapic[i].gsi_base;
		ioapic->count = (ioapic_read(ioapic, REGISTER_VERSION) >> 16 & 0xff) + 1;
		/* Firmware's routes lead to vectors that mean something else here. */
		for (uint32_t line = 0; line < ioapic->count; line++)
			ioapic_write(ioapic, REGISTER_LINE(line), LINE_MASKED);
	}
}

/* Two 8259A: to vectors nobody uses, for they may still send spurious interrupts; all masked. */
void pic_disable(void)
{
	static const uint8_t start[] = { 0x11, 0x20, 0x04, 0x01 },
			     second[] = { 0x11, 0x28, 0x02, 0x01 };

	port_out8(0x20, start[0]);
	port_out8(0xa0, second[0]);
	for (unsigned int i = 1; i < sizeof(start); i++) {
		port_out8(0x21, start[i]);
		port_out8(0xa1, second[i]);
	}
	port_out8(0x21, 0xff);
	port_out8(0xa1, 0xff);
}
