/* SPDX-License-Identifier: MIT */
/* Tables of interrupts, and the way there from messages that pass unchanged. */
#include "vtd_remap.h"

#include "acpi.h"
#include "dma_source.h"
#include "hardware.h"
#include "pci_config.h"
#include "resource.h"
#include "session/irq.h"
#include "vtd_registers.h"

#define ENTRIES VTD_INTERRUPTS_MOST
#define ENTRIES_LOG 12
#define PAGES ((unsigned int)ENTRIES * 16 / TABLE_PAGE)
#define LINE_ENTRIES 512u /* of an I/O APIC: vectors, then vectors of level-triggered lines */
#define LINE_LEVEL 256u

#define ENTRY_LEVEL 0x10ull
#define ENTRY_VECTOR 16
#define ENTRY_DESTINATION 40	  /* 8 bits */
#define ENTRY_DESTINATION_WIDE 32 /* 32 bits */
#define VERIFY_SOURCE (1ull << 18)
#define VERIFY_BUSES (2ull << 18)

#define NARROW_ID_MAX 0xffu

#define MESSAGE 0xfee00000ull
#define MESSAGE_REMAPPED 0x10ull
#define MESSAGE_NUMBERED 0x8ull /* the data is added to the entry's number */
#define WIDE_IDS 0x800ull /* of the register that says where the table is (VT-d 4.1, 11.4.9.1) */
#define MESSAGE_ENTRY 5	  /* the entry's number, which has 12 bits here */

static volatile uint64_t *entry_of(const struct vtd_unit *unit, unsigned int index)
{
	return &unit->interrupts->words[2 * (uint64_t)index];
}

static void set_entry(struct vtd_unit *unit, unsigned int index, uint64_t low, uint64_t high)
{
	volatile uint64_t *entry = entry_of(unit, index);

	/* The half with the present bit comes last, and goes first. */
	if (!low)
		entry[0] = 0;
	entry[1] = high;
	entry[0] = low;
	if (!vtd_coherent(unit))
		table_memory_flush(entry, 16);
}

static uint64_t entry_low(const struct vtd_unit *unit, unsigned int vector, uint32_t apic_id,
			  bool level)
{
	uint64_t destination = apic_id;

	return VTD_PRESENT | (level ? ENTRY_LEVEL : 0) | (uint64_t)vector << ENTRY_VECTOR |
	       destination << (unit->wide ? ENTRY_DESTINATION_WIDE : ENTRY_DESTINATION);
}

/*
 * Behind a bridge to conventional PCI it is the bridge that sends, as function 0 of the bus
 * behind it, or with a number that a device there gave.
 */
static uint64_t verification(const struct pci_function *function)
{
	struct dma_sources sources = dma_sources(function);
	uint64_t bus = PCI_BUS(sources.message);

	return sources.whole_bus ? VERIFY_BUSES | bus << 8 | bus : VERIFY_SOURCE | sources.message;
}

static bool is_free(const struct vtd_unit *unit, unsigned int index)
{
	return !entry_of(unit, index)[0] && !(unit->kept[index / 64] >> index % 64 & 1);
}

static unsigned int free_entry(const struct vtd_unit *unit)
{
	for (unsigned int i = unit->first_message; i < ENTRIES; i++)
		if (is_free(unit, i))
			return i;
	return ENTRIES;
}

bool vtd_remap_block(struct vtd_unit *unit, struct message_block *block)
{
	unsigned int row = 0;

	for (unsigned int i = unit->first_message; i < ENTRIES && row < block->count; i++) {
		row = is_free(unit, i) ? row + 1 : 0;
		block->first = i + 1 - row;
	}
	if (row < block->count || unit->stuck)
		return false;
	for (unsigned int i = block->first; i < block->first + row; i++)
		unit->kept[i / 64] |= 1ull << i % 64;
	return true;
}

void vtd_remap_block_end(struct vtd_unit *unit, const struct message_block *block)
{
	/* A unit that is stuck may know some of them still. */
	for (unsigned int i = block->first; !unit->stuck && i < block->first + block->count; i++)
		unit->kept[i / 64] &= ~(1ull << i % 64);
}

purlin_s64 vtd_remap_message(struct vtd_unit *unit, const struct pci_function *function,
			     struct message_interrupt *interrupt)
{
	const struct message_block *block = interrupt->block;
	unsigned int index = block ? block->first + interrupt->number : free_entry(unit);
	/* Of a block, the address names the first; the data says which one (VT-d 5.1.3). */
	uint64_t named = block ? block->first : index;

	if (index == ENTRIES || unit->stuck)
		return PURLIN_NO_DEVICE;
	/*
	 * The message that the device sends will name this entry and nothing else. The vector, and
	 * who may use it, stand in the entry, which the device cannot write.
	 */
	set_entry(unit, index,
		  entry_low(unit, interrupt->data & 0xff, RESOURCE_APIC_ID(interrupt->address),
			    false),
		  verification(function));
	interrupt->entry = index;
	interrupt->address = MESSAGE | MESSAGE_REMAPPED | (block ? MESSAGE_NUMBERED : 0) |
			     named << MESSAGE_ENTRY;
	interrupt->data = 0;
	/* That there was none may be cached, too. */
	if (vtd_flush_interrupts(unit))
		return PURLIN_OK;
	(void)vtd_remap_end(unit, interrupt);
	return PURLIN_NO_DEVICE;
}

/* What is not confirmed may still lead to the old vector: neither is used again. */
bool vtd_remap_end(struct vtd_unit *unit, const struct message_interrupt *interrupt)
{
	set_entry(unit, interrupt->entry, 0, 0);
	if (vtd_flush_interrupts(unit))
		return true;
	unit->kept[interrupt->entry / 64] |= 1ull << interrupt->entry % 64;
	return false;
}

/* Always in the same places: when this component has ended and another takes over, lines go on. */
static void add_lines(struct vtd_unit *unit, uint16_t source, uint32_t apic_id)
{
	for (unsigned int i = 0; i < LINE_ENTRIES; i++)
		set_entry(unit, unit->first_message + i,
			  entry_low(unit, i % LINE_LEVEL, apic_id, i >= LINE_LEVEL),
			  VERIFY_SOURCE | source);
	unit->first_message += LINE_ENTRIES;
}

/* Of each I/O APIC. */
struct lines {
	struct vtd_unit *unit;
	unsigned int entry;
};

/*
 * All units or none, or vectors of one could go to processors that those of another cannot. Only
 * processors that use x2APIC compare 32 bits.
 */
static void choose_width(struct vtd_unit *units, const struct dmar *dmar,
			 const struct acpi_ioapics *ioapics)
{
	bool wide = !dmar->narrow_ids;
	uint64_t destination;

	for (unsigned int i = 0; i < ioapics->count; i++)
		wide = wide && !resource_line_destination(ioapics->ioapic[i].gsi, &destination) &&
		       (destination & IRQ_REMAP_WIDE);
	for (unsigned int i = 0; i < dmar->units; i++)
		wide = wide && (!units[i].usable || vtd_wide_ids(&units[i]));
	for (unsigned int i = 0; i < dmar->units; i++)
		units[i].wide = wide;
}

static const char *place_lines(struct vtd_unit *units, const struct dmar *dmar,
			       const struct pci_tree *tree, const struct acpi_ioapics *ioapics,
			       struct lines *lines)
{
	for (unsigned int i = 0; i < ioapics->count; i++) {
		unsigned int index;
		uint16_t source;
		uint64_t destination;

		if (!dmar_ioapic(dmar, tree, ioapics->ioapic[i].id, &index, &source) ||
		    !units[index].usable)
			return "an I/O APIC is behind no unit";
		lines[i] = (struct lines){ &units[index], units[index].first_message };
		if (units[index].first_message + LINE_ENTRIES > ENTRIES / 2)
			return "there are too many I/O APICs";
		if (resource_line_destination(ioapics->ioapic[i].gsi, &destination))
			return "the kernel does not know an I/O APIC";
		if (!units[index].wide && (uint32_t)destination > NARROW_ID_MAX)
			return "lines go to a processor whose APIC id is above 255";
		add_lines(&units[index], source, (uint32_t)destination);
	}
	return NULL;
}

/* All units or none: behind one that does not remap, a device could cause any vector. */
static const char *lack_of(const struct vtd_unit *units, const struct dmar *dmar)
{
	if (!dmar->interrupts)
		return "firmware says that they cannot be";
	for (unsigned int i = 0; i < dmar->units; i++)
		if (units[i].usable && !vtd_remaps(&units[i]))
			return "a unit cannot";
	return NULL;
}

static const char *allocate(struct vtd_unit *units, const struct dmar *dmar)
{
	for (unsigned int i = 0; i < dmar->units; i++) {
		if (!units[i].usable)
			continue;
		units[i].interrupts = table_memory_new(PAGES);
		if (!units[i].interrupts)
			return "there is no memory for their tables";
		if (!vtd_coherent(&units[i]))
			table_memory_flush(units[i].interrupts->words, PAGES * TABLE_PAGE);
	}
	return NULL;
}

/* Messages of the old format pass until the I/O APICs send new ones. */
static bool begin(struct vtd_unit *unit)
{
	vtd_write_wide(unit, VTD_INTERRUPTS,
		       unit->interrupts->physical | (unit->wide ? WIDE_IDS : 0) |
			       (ENTRIES_LOG - 1));
	if (!vtd_command(unit, VTD_SET_INTERRUPTS, true) || !vtd_flush_interrupts(unit))
		return false;
	if (vtd_read(unit, VTD_STATUS) & VTD_REMAP)
		return true;
	vtd_let_pass(unit);
	return vtd_command(unit, VTD_REMAP, true);
}

static bool begin_all(struct vtd_unit *units, const struct dmar *dmar)
{
	for (unsigned int i = 0; i < dmar->units; i++)
		if (units[i].usable && !begin(&units[i]))
			return false;
	return true;
}

static const char *switch_lines(const struct acpi_ioapics *ioapics, const struct lines *lines)
{
	for (unsigned int i = 0; i < ioapics->count; i++)
		if (resource_remap_lines(ioapics->ioapic[i].gsi, lines[i].entry))
			return "the kernel does not know an I/O APIC";
	return NULL;
}

static bool block_others(struct vtd_unit *units, const struct dmar *dmar)
{
	for (unsigned int i = 0; i < dmar->units; i++)
		if (units[i].usable && !vtd_command(&units[i], VTD_COMPATIBLE, false))
			return false;
	return true;
}

const char *vtd_remap_start(struct vtd_unit *units, const struct dmar *dmar,
			    const struct pci_tree *tree, bool *held)
{
	struct acpi_ioapics ioapics;
	struct lines lines[ACPI_IOAPICS];
	const char *problem = lack_of(units, dmar);

	*held = false;
	for (unsigned int i = 0; i < dmar->units; i++)
		*held |= units[i].usable && vtd_read(&units[i], VTD_STATUS) & VTD_REMAP;
	if (!problem && !acpi_ioapics(&ioapics))
		problem = "the I/O APICs are not known";
	if (!problem)
		problem = allocate(units, dmar);
	if (!problem)
		choose_width(units, dmar, &ioapics);
	if (!problem)
		problem = place_lines(units, dmar, tree, &ioapics, lines);
	if (problem)
		return problem;
	/*
	 * From here on a unit may be half in use: messages of the old format pass at first, then
	 * the I/O APICs send new ones, and only then the old ones are blocked. So no line is lost.
	 */
	*held = true;
	if (!begin_all(units, dmar))
		return "a unit does not do as it is told";
	problem = switch_lines(&ioapics, lines);
	if (!problem && !block_others(units, dmar))
		problem = "a unit does not block others";
	if (!problem)
		for (unsigned int i = 0; i < dmar->units; i++)
			units[i].remaps = units[i].usable;
	return problem;
}
