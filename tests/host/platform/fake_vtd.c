/* SPDX-License-Identifier: MIT */
/* A model of VT-d by its specification (4.1): registers, queue, walks and caches. */
#include "fake_vtd.h"

#include <string.h>

#include "drivers/platform/table_memory.h"
#include "drivers/platform/vtd_unit.h"

#define NOWHERE (~0ull)
#define CACHED 4096

/* Capabilities: 64 Ki domains, 39 and 48 bits, address width 48, large pages, faults at 0x220. */
#define CAPABILITIES (6ull | 6ull << 8 | 47ull << 16 | 0x22ull << 24 | 1ull << 34)
#define EXTENDED (1ull << 1 | 1ull << 3)

struct cached_context {
	bool valid;
	uint16_t source;
	uint64_t low, high;
};

struct cached_page {
	bool valid;
	uint16_t domain;
	uint64_t page, physical, bits;
};

struct cached_interrupt {
	bool valid;
	uint64_t low, high;
};

static struct cache {
	struct cached_interrupt interrupt[4096];
	struct cached_context context[256];
	struct cached_page page[CACHED];
	unsigned int next_context, next_page;
} caches[FAKE_VTD_UNITS];

struct fake_vtd fake_vtd[FAKE_VTD_UNITS];

static void set(unsigned int unit, unsigned int offset, uint64_t value)
{
	memcpy(&fake_vtd[unit].registers[offset], &value, 8);
}

static uint64_t get(unsigned int unit, unsigned int offset)
{
	uint64_t value;

	memcpy(&value, &fake_vtd[unit].registers[offset], 8);
	return value;
}

void fake_vtd_clear(void)
{
	memset(fake_vtd, 0, sizeof(fake_vtd));
	memset(caches, 0, sizeof(caches));
	for (unsigned int i = 0; i < FAKE_VTD_UNITS; i++) {
		set(i, 8, CAPABILITIES);
		set(i, 0x10, EXTENDED);
	}
}

static void forget_contexts(struct cache *cache, uint64_t low)
{
	for (unsigned int i = 0; i < 256; i++) {
		struct cached_context *context = &cache->context[i];
		bool one = (low & 0x30) == 0x30;

		if (!one || context->source == (uint16_t)(low >> 32))
			context->valid = false;
	}
}

static void forget_pages(struct cache *cache, uint64_t low)
{
	for (unsigned int i = 0; i < CACHED; i++)
		if ((low & 0x30) == 0x10 || cache->page[i].domain == (uint16_t)(low >> 16))
			cache->page[i].valid = false;
}

static void command(unsigned int unit, const uint64_t *entry)
{
	fake_vtd[unit].commands++;
	switch (entry[0] & 0xf) {
	case 1:
		forget_contexts(&caches[unit], entry[0]);
		break;
	case 2:
		forget_pages(&caches[unit], entry[0]);
		break;
	case 4:
		for (unsigned int i = 0; i < 4096; i++)
			caches[unit].interrupt[i].valid = false;
		break;
	case 5:
		*(uint32_t *)(uintptr_t)entry[1] = (uint32_t)(entry[0] >> 32);
		break;
	default:
		break;
	}
}

static void run_queue(unsigned int unit)
{
	const uint64_t *queue = (const uint64_t *)(uintptr_t)(get(unit, 0x90) & ~0xfffull);
	uint64_t head = get(unit, 0x80);

	while (!fake_vtd[unit].deaf && head != get(unit, 0x88)) {
		command(unit, &queue[head / 8]);
		head = (head + 16) % TABLE_PAGE;
	}
	set(unit, 0x80, head);
}

static void run_command(unsigned int unit, uint32_t value)
{
	if (fake_vtd[unit].stubborn)
		return;
	/* The root is taken over by its command, not by the write of its address. */
	if (value & 0x40000000u)
		set(unit, 0x700, get(unit, 0x20));
	if (value & 0x01000000u)
		set(unit, 0x708, get(unit, 0xb8));
	if (!(value & 0x04000000u))
		set(unit, 0x80, 0);
	memcpy(&fake_vtd[unit].registers[0x1c], &value, 4);
}

static unsigned int index_of(const struct vtd_unit *unit)
{
	return (unsigned int)((unit->address - FAKE_VTD_AT) / TABLE_PAGE);
}

uint32_t vtd_read(const struct vtd_unit *unit, unsigned int offset)
{
	uint32_t value;

	memcpy(&value, &fake_vtd[index_of(unit)].registers[offset], 4);
	return value;
}

uint64_t vtd_read_wide(const struct vtd_unit *unit, unsigned int offset)
{
	return get(index_of(unit), offset);
}

void vtd_write(const struct vtd_unit *unit, unsigned int offset, uint32_t value)
{
	unsigned int index = index_of(unit);
	uint32_t old = vtd_read(unit, offset);

	if (offset == 0x18) {
		run_command(index, value);
		return;
	}
	/* Fault status and records: ones clear. */
	if (offset == 0x34)
		value = old & ~value;
	if (offset == 0x22c) {
		uint32_t status = vtd_read(unit, 0x34) & ~2u;

		value = old & ~value;
		memcpy(&fake_vtd[index].registers[0x34], &status, 4);
	}
	memcpy(&fake_vtd[index].registers[offset], &value, 4);
}

void vtd_write_wide(const struct vtd_unit *unit, unsigned int offset, uint64_t value)
{
	set(index_of(unit), offset, value);
	if (offset == 0x88)
		run_queue(index_of(unit));
}

static uint64_t stopped(unsigned int unit, uint16_t source, uint64_t address, bool write,
			unsigned int reason)
{
	uint32_t status;

	memcpy(&status, &fake_vtd[unit].registers[0x34], 4);
	if (status & 3) {
		status |= 1;
	} else {
		status |= 2;
		set(unit, 0x220, address);
		set(unit, 0x228,
		    1ull << 63 | (write ? 0 : 1ull << 62) | (uint64_t)reason << 32 | source);
	}
	memcpy(&fake_vtd[unit].registers[0x34], &status, 4);
	return NOWHERE;
}

static const uint64_t *words_at(uint64_t entry)
{
	return (const uint64_t *)(uintptr_t)(entry & 0x000ffffffffff000ull);
}

static struct cached_context context_of(unsigned int unit, uint16_t source)
{
	struct cache *cache = &caches[unit];
	struct cached_context *context;
	uint64_t root;

	for (unsigned int i = 0; i < 256; i++)
		if (cache->context[i].valid && cache->context[i].source == source)
			return cache->context[i];
	fake_vtd[unit].root_reads++;
	context = &cache->context[cache->next_context++ % 256];
	*context = (struct cached_context){ .source = source };
	root = words_at(get(unit, 0x700))[2 * (source >> 8)];
	if (root & 1) {
		context->low = words_at(root)[2 * (source & 0xff)];
		context->high = words_at(root)[2 * (source & 0xff) + 1];
	}
	context->valid = context->low & 1 || fake_vtd[unit].cached_absent;
	return *context;
}

static struct cached_page walk(const struct cached_context *context, uint64_t address)
{
	struct cached_page page = { .domain = (uint16_t)(context->high >> 8),
				    .page = address / TABLE_PAGE };
	unsigned int level = (unsigned int)(context->high & 7) + 2;
	uint64_t entry = context->low;

	if (address >> (12 + 9 * level))
		return page;
	for (; level; level--) {
		entry = words_at(entry)[address >> (12 + 9 * (level - 1)) & 511];
		if (!(entry & 3))
			return page;
		if (level == 1 || entry & 0x80)
			break;
	}
	page.physical = entry & 0x000ffffffffff000ull;
	if (level == 2)
		page.physical += address & 0x1ff000;
	page.bits = entry & 3;
	return page;
}

uint64_t fake_vtd_access(unsigned int unit, uint16_t source, uint64_t address, bool write)
{
	struct cache *cache = &caches[unit];
	struct cached_context context;
	struct cached_page page = { .valid = false };

	if (!(get(unit, 0x1c) & 0x80000000u))
		return address;
	context = context_of(unit, source);
	if (!(context.low & 1))
		return stopped(unit, source, address, write, 2);
	for (unsigned int i = 0; i < CACHED && !page.valid; i++)
		if (cache->page[i].valid && cache->page[i].page == address / TABLE_PAGE &&
		    cache->page[i].domain == (uint16_t)(context.high >> 8))
			page = cache->page[i];
	if (!page.valid) {
		page = walk(&context, address);
		page.valid = page.bits || fake_vtd[unit].cached_absent;
		cache->page[cache->next_page++ % CACHED] = page;
	}
	if (!(page.bits & (write ? 2 : 1)))
		return context.low & 2 ? NOWHERE :
					 stopped(unit, source, address, write, write ? 5 : 6);
	return page.physical + address % TABLE_PAGE;
}

static bool source_matches(uint64_t high, uint16_t source)
{
	switch (high >> 18 & 3) {
	case 0:
		return true;
	case 1:
		return (uint16_t)high == source;
	default:
		return source >> 8 >= (high >> 8 & 0xff) && source >> 8 <= (high & 0xff);
	}
}

static struct cached_interrupt interrupt_of(unsigned int unit, unsigned int index)
{
	struct cached_interrupt *interrupt = &caches[unit].interrupt[index];
	const uint64_t *entry = words_at(get(unit, 0x708)) + 2 * (uint64_t)index;

	if (!interrupt->valid)
		*interrupt =
			(struct cached_interrupt){ entry[0] & 1 || fake_vtd[unit].cached_absent,
						   entry[0], entry[1] };
	return *interrupt;
}

uint64_t fake_vtd_message(unsigned int unit, uint16_t source, uint64_t address, uint32_t data)
{
	unsigned int index = (unsigned int)(address >> 5 & 0x7fff) | (address & 4 ? 0x8000 : 0);
	struct cached_interrupt interrupt;
	uint32_t status;

	if (address & 8)
		index += data & 0xffff;
	memcpy(&status, &fake_vtd[unit].registers[0x1c], 4);
	if (!(address & 0x10)) {
		bool passes = !(status & 0x02000000u) || status & 0x00800000u;

		return passes ? (data & 0xff) | (address >> 12 & 0xff) << 8 :
				stopped(unit, source, 0, true, 0x25);
	}
	if (!(status & 0x02000000u) || index >= 2ull << (get(unit, 0x708) & 15))
		return stopped(unit, source, (uint64_t)index << 48, true, 0x21);
	interrupt = interrupt_of(unit, index);
	if (!(interrupt.low & 1))
		return stopped(unit, source, (uint64_t)index << 48, true, 0x22);
	if (!source_matches(interrupt.high, source))
		return stopped(unit, source, (uint64_t)index << 48, true, 0x26);
	return (interrupt.low >> 16 & 0xff) |
	       (get(unit, 0x708) & 0x800 ? interrupt.low >> 32 : interrupt.low >> 40 & 0xff) << 8 |
	       (interrupt.low & 0x10 ? FAKE_LEVEL : 0);
}
