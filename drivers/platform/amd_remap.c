/* SPDX-License-Identifier: MIT */
/* Tables of messages, one for each source. */
#include "amd_remap.h"

#include "acpi.h"
#include "amd_device.h"
#include "amd_registers.h"
#include "dma_source.h"
#include "resource.h"

#define ENTRIES (1u << AMD_MESSAGES_LOG)
#define VECTORS 256u
#define ENTRY_ON 0x1u
#define ENTRY_DESTINATION 8
#define ENTRY_VECTOR 16
#define MESSAGE 0xfee00000ull

struct amd_messages {
	struct amd_messages *next;
	struct table_memory *table;
	uint16_t source;
	uint64_t kept[ENTRIES / 64]; /* entries of blocks, or never used again */
};

/* Each function has one source for its messages, and each I/O APIC. */
static struct amd_messages pool[PCI_TREE_FUNCTIONS + ACPI_IOAPICS];
static unsigned int pool_used;

static volatile uint32_t *entries_of(const struct amd_messages *messages)
{
	return (volatile uint32_t *)messages->table->words;
}

static uint32_t entry(unsigned int vector, uint64_t destination)
{
	return ENTRY_ON | (uint32_t)destination << ENTRY_DESTINATION | vector << ENTRY_VECTOR;
}

/* A list will do: it is searched when a message is made or ends, not when one comes. */
static struct amd_messages *messages_of(const struct amd_unit *unit, uint16_t source)
{
	struct amd_messages *messages = unit->messages;

	while (messages && messages->source != source)
		messages = messages->next;
	return messages;
}

uint64_t amd_messages_table(struct amd_unit *unit, uint16_t source)
{
	struct amd_messages *messages = messages_of(unit, source);

	/* Kept for good: a source has one table, whoever owns the function. */
	if (messages)
		return messages->table->physical;
	messages = &pool[pool_used];
	*messages = (struct amd_messages){ unit->messages, table_memory_new(1), source, { 0 } };
	if (!messages->table)
		return 0;
	pool_used++;
	unit->messages = messages;
	return messages->table->physical;
}

/* An entry in use has ENTRY_ON, so it is not 0. */
static bool is_free(const struct amd_messages *messages, unsigned int index)
{
	return !entries_of(messages)[index] && !(messages->kept[index / 64] >> index % 64 & 1);
}

static unsigned int free_entry(const struct amd_messages *messages)
{
	for (unsigned int i = 0; i < ENTRIES; i++)
		if (is_free(messages, i))
			return i;
	return ENTRIES;
}

static bool all_free(const struct amd_messages *messages, const struct message_block *block)
{
	for (unsigned int i = 0; i < block->count; i++)
		if (!is_free(messages, block->first + i))
			return false;
	return true;
}

/* The function sets low bits of the data, and the data is the entry's number. */
bool amd_remap_block(struct amd_unit *unit, const struct pci_function *function,
		     struct message_block *block)
{
	uint16_t source = dma_sources(function).message;
	struct amd_messages *messages;

	if (unit->stuck || !amd_messages_table(unit, source))
		return false;
	messages = messages_of(unit, source);
	block->first = 0;
	while (block->first < ENTRIES && !all_free(messages, block))
		block->first += block->count;
	if (block->first == ENTRIES)
		return false;
	for (unsigned int i = block->first; i < block->first + block->count; i++)
		messages->kept[i / 64] |= 1ull << i % 64;
	return true;
}

void amd_remap_block_end(struct amd_unit *unit, const struct pci_function *function,
			 const struct message_block *block)
{
	struct amd_messages *messages = messages_of(unit, dma_sources(function).message);

	/* A unit that is stuck may know some of them still. */
	for (unsigned int i = block->first; !unit->stuck && i < block->first + block->count; i++)
		messages->kept[i / 64] &= ~(1ull << i % 64);
}

/* Each number that the function may be taken for has the same table. */
static bool flush(struct amd_unit *unit, const struct dma_sources *sources)
{
	bool confirmed = true;

	for (unsigned int i = 0; i < sources->count; i++)
		confirmed &= amd_flush_messages(unit, sources->bdf[i]);
	return confirmed;
}

purlin_s64 amd_remap_message(struct amd_unit *unit, const struct pci_function *function,
			     struct message_interrupt *interrupt)
{
	struct dma_sources sources = dma_sources(function);
	struct amd_messages *messages = messages_of(unit, sources.message);
	const struct message_block *block = interrupt->block;
	unsigned int index = ENTRIES;

	if (messages)
		index = block ? block->first + interrupt->number : free_entry(messages);
	if (index == ENTRIES || unit->stuck)
		return PURLIN_NO_DEVICE;
	entries_of(messages)[index] =
		entry(interrupt->data & 0xff, interrupt->address >> 12 & 0xff);
	interrupt->entry = index;
	/*
	 * The device sends the number of an entry in place of a vector. The table is its own, so
	 * with other numbers it reaches its own messages at most.
	 */
	interrupt->address = MESSAGE;
	interrupt->data = block ? block->first : index;
	/* That there was none may be cached, too. */
	if (flush(unit, &sources))
		return PURLIN_OK;
	(void)amd_remap_end(unit, interrupt);
	return PURLIN_NO_DEVICE;
}

/* What is not confirmed may still lead to the old vector: neither is used again. */
bool amd_remap_end(struct amd_unit *unit, const struct message_interrupt *interrupt)
{
	struct dma_sources sources = dma_sources(interrupt->function);
	struct amd_messages *messages = messages_of(unit, sources.message);

	entries_of(messages)[interrupt->entry] = 0;
	if (flush(unit, &sources))
		return true;
	messages->kept[interrupt->entry / 64] |= 1ull << interrupt->entry % 64;
	return false;
}

/* Always the same: when this component has ended and another takes over, lines go on. */
static const char *add_lines(struct amd_unit *unit, uint16_t source, uint32_t gsi)
{
	static const struct amd_route nowhere;
	struct amd_messages *messages;
	uint64_t destination;

	/* The entries name a processor by 8 bits; wider ids would have to be cut off. */
	if (resource_line_destination(gsi, &destination) || (uint32_t)destination > 0xff)
		return "the kernel does not know an I/O APIC";
	if (!amd_messages_table(unit, source))
		return "there is no memory for their tables";
	messages = messages_of(unit, source);
	for (unsigned int i = 0; i < VECTORS; i++)
		entries_of(messages)[i] = entry(i, destination);
	return amd_device_set(unit, source, &nowhere, messages->table->physical) ?
		       NULL :
		       "an I/O APIC's number is in no table";
}

static const char *place_lines(struct amd_unit *units, const struct ivrs *ivrs,
			       const struct acpi_ioapics *ioapics)
{
	const char *problem = NULL;

	for (unsigned int i = 0; !problem && i < ioapics->count; i++) {
		unsigned int index;
		uint16_t source;

		if (!ivrs_ioapic(ivrs, ioapics->ioapic[i].id, &index, &source) ||
		    !units[index].devices)
			return "an I/O APIC is behind no unit";
		problem = add_lines(&units[index], source, ioapics->ioapic[i].gsi);
	}
	return problem;
}

static void set_all(struct amd_unit *units, const struct ivrs *ivrs, bool remaps)
{
	for (unsigned int i = 0; i < ivrs->units; i++) {
		units[i].remaps = remaps && units[i].devices;
		if (units[i].devices)
			amd_devices_fill(&units[i]);
	}
}

const char *amd_remap_prepare(struct amd_unit *units, const struct ivrs *ivrs)
{
	struct acpi_ioapics ioapics;
	const char *problem = NULL;

	pool_used = 0;
	set_all(units, ivrs, true);
	if (!acpi_ioapics(&ioapics))
		problem = "the I/O APICs are not known";
	if (!problem)
		problem = place_lines(units, ivrs, &ioapics);
	/* All or nothing: a unit that does not remap lets a device cause any vector. */
	if (problem)
		set_all(units, ivrs, false);
	return problem;
}
