/* SPDX-License-Identifier: MIT */
/* A model of AMD's IOMMU by its specification (48882): registers, queue, walks, log, caches. */
#include "fake_amd.h"

#include <string.h>

#include "drivers/platform/amd_unit.h"

#define NOWHERE (~0ull)
#define CACHED 4096
#define PAGE 0x1000ull
#define ADDRESS 0x000ffffffffff000ull
#define BIT(n) (1ull << (n))

/* Flush of everything, and six levels. */
#define FEATURES (BIT(6) | 2ull << 10)

struct entry {
	uint64_t word[4];
};

struct cached_device {
	bool valid;
	uint16_t source;
	struct entry entry;
};

struct cached_page {
	bool valid;
	uint16_t domain;
	uint64_t page, physical, bits;
};

struct cached_message {
	bool valid;
	uint16_t source, index;
	uint32_t entry;
};

static struct cache {
	struct cached_device device[256];
	struct cached_page page[CACHED];
	struct cached_message message[CACHED];
	unsigned int next_device, next_page, next_message;
} caches[FAKE_AMD_UNITS];

struct fake_amd fake_amd[FAKE_AMD_UNITS];

/* Of a cache that is filled from its start. */
static unsigned int used(unsigned int next, unsigned int size)
{
	return next < size ? next : size;
}

static uint64_t *at(unsigned int unit, unsigned int offset)
{
	return &fake_amd[unit].registers[offset / 8];
}

void fake_amd_clear(void)
{
	memset(fake_amd, 0, sizeof(fake_amd));
	memset(caches, 0, sizeof(caches));
	for (unsigned int i = 0; i < FAKE_AMD_UNITS; i++)
		*at(i, 0x30) = FEATURES;
}

static void forget_device(struct cache *cache, uint16_t source)
{
	for (unsigned int i = 0; i < used(cache->next_device, 256); i++)
		if (cache->device[i].source == source)
			cache->device[i].valid = false;
}

static void forget_pages(struct cache *cache, uint16_t domain)
{
	for (unsigned int i = 0; i < used(cache->next_page, CACHED); i++)
		if (cache->page[i].domain == domain)
			cache->page[i].valid = false;
}

static void forget_messages(struct cache *cache, uint16_t source)
{
	for (unsigned int i = 0; i < used(cache->next_message, CACHED); i++)
		if (cache->message[i].source == source)
			cache->message[i].valid = false;
}

/* False: it does not understand the command, and stops. */
static bool command(unsigned int unit, const uint64_t *words)
{
	struct cache *cache = &caches[unit];

	fake_amd[unit].commands++;
	switch (words[0] >> 60) {
	case 1:
		if (words[0] & 1)
			*(uint64_t *)(uintptr_t)(words[0] & 0x000ffffffffffff8ull) = words[1];
		return true;
	case 2:
		forget_device(cache, (uint16_t)words[0]);
		return true;
	case 3:
		/* All pages and all tables of a domain, or this model does not understand. */
		if (words[1] != 0x7ffffffffffff003ull)
			return false;
		forget_pages(cache, (uint16_t)(words[0] >> 32));
		return true;
	case 5:
		forget_messages(cache, (uint16_t)words[0]);
		return true;
	case 8:
		memset(cache, 0, sizeof(*cache));
		return *at(unit, 0x30) & BIT(6);
	default:
		return false;
	}
}

static void run_queue(unsigned int unit)
{
	const uint64_t *queue = (const uint64_t *)(uintptr_t)(*at(unit, 8) & ADDRESS);
	uint64_t bytes = 16ull << (*at(unit, 8) >> 56 & 15);

	while (*at(unit, 0x2020) & 0x10 && !fake_amd[unit].deaf &&
	       *at(unit, 0x2000) != *at(unit, 0x2008)) {
		if (!command(unit, &queue[*at(unit, 0x2000) / 8]))
			*at(unit, 0x2020) &= ~0x10ull;
		*at(unit, 0x2000) = (*at(unit, 0x2000) + 16) % bytes;
	}
}

static void control(unsigned int unit)
{
	uint64_t value = *at(unit, 0x18);
	bool on = value & 1;

	if (!fake_amd[unit].stubborn)
		*at(unit, 0x2020) &= ~0x18ull;
	if (on && value & BIT(12))
		*at(unit, 0x2020) |= 0x10;
	if (on && value & BIT(2))
		*at(unit, 0x2020) |= 0x8;
	run_queue(unit);
}

static unsigned int index_of(const struct amd_unit *unit)
{
	return (unsigned int)((unit->description->registers - FAKE_AMD_AT) >> 20);
}

uint64_t amd_read(const struct amd_unit *unit, unsigned int offset)
{
	return *at(index_of(unit), offset);
}

void amd_write(const struct amd_unit *unit, unsigned int offset, uint64_t value)
{
	unsigned int index = index_of(unit);

	if (offset == 0x2020) {
		*at(index, offset) &= ~(value & 0x67);
		return;
	}
	/* 3.3.13: heads and bases do not change under a queue or log at work. */
	if ((offset == 8 || offset == 0x2000) && *at(index, 0x2020) & 0x10)
		return;
	*at(index, offset) = value;
	if (offset == 8)
		*at(index, 0x2000) = *at(index, 0x2008) = 0;
	if (offset == 0x10)
		*at(index, 0x2010) = *at(index, 0x2018) = 0;
	if (offset == 0x18)
		control(index);
	if (offset == 0x2008)
		run_queue(index);
}

static void log_event(unsigned int unit, uint64_t low, uint64_t high)
{
	uint64_t *log = (uint64_t *)(uintptr_t)(*at(unit, 0x10) & ADDRESS);
	uint64_t bytes = 16ull << (*at(unit, 0x10) >> 56 & 15), tail = *at(unit, 0x2018);

	if (!(*at(unit, 0x2020) & 8) || *at(unit, 0x2020) & 1)
		return;
	if ((tail + 16) % bytes == *at(unit, 0x2010)) {
		*at(unit, 0x2020) |= 1;
	} else {
		log[tail / 8 + 1] = high;
		log[tail / 8] = low;
		*at(unit, 0x2018) = (tail + 16) % bytes;
	}
	if (!(*at(unit, 0x2020) & 2) && *at(unit, 0x18) & 8)
		fake_amd[unit].interrupts++;
	*at(unit, 0x2020) |= 2;
}

static uint64_t stopped(unsigned int unit, uint16_t source, uint64_t address, uint64_t flags)
{
	log_event(unit, 2ull << 60 | flags << 48 | source, address);
	return NOWHERE;
}

static struct entry device_of(unsigned int unit, uint16_t source)
{
	struct cache *cache = &caches[unit];
	uint64_t base = *at(unit, 0);
	struct cached_device *device;
	/* What is beyond the table is stopped. */
	struct entry entry = { { 3, 0, 1, 0 } };

	for (unsigned int i = 0; i < used(cache->next_device, 256); i++)
		if (cache->device[i].valid && cache->device[i].source == source)
			return cache->device[i].entry;
	if ((uint64_t)source * 32 < ((base & 0x1ff) + 1) * PAGE)
		memcpy(&entry, (const char *)(uintptr_t)(base & ADDRESS) + source * 32,
		       sizeof(entry));
	device = &cache->device[cache->next_device++ % 256];
	*device = (struct cached_device){ true, source, entry };
	return entry;
}

static struct cached_page walk(const struct entry *device, uint64_t address)
{
	struct cached_page page = { .domain = (uint16_t)device->word[1], .page = address / PAGE };
	uint64_t entry = device->word[0];
	unsigned int level = entry >> 9 & 7, next;

	if (!level || level > 6 || (level < 6 && address >> (12 + 9 * level)))
		return page;
	for (; level; level = next) {
		const uint64_t *table = (const uint64_t *)(uintptr_t)(entry & ADDRESS);

		entry = table[address >> (12 + 9 * (level - 1)) & 511];
		if (!(entry & 1))
			return page;
		next = entry >> 9 & 7;
		if (next >= level)
			return page;
		if (!next)
			break;
	}
	page.physical = (entry & ADDRESS) + (address & (BIT(12 + 9 * (level - 1)) - 1) & ADDRESS);
	page.bits = entry >> 61 & device->word[0] >> 61 & 3;
	return page;
}

static struct cached_page page_of(unsigned int unit, const struct entry *device, uint64_t address)
{
	struct cache *cache = &caches[unit];
	struct cached_page page;

	for (unsigned int i = 0; i < used(cache->next_page, CACHED); i++)
		if (cache->page[i].valid && cache->page[i].page == address / PAGE &&
		    cache->page[i].domain == (uint16_t)device->word[1])
			return cache->page[i];
	page = walk(device, address);
	page.valid = page.bits || fake_amd[unit].cached_absent;
	cache->page[cache->next_page++ % CACHED] = page;
	return page;
}

uint64_t fake_amd_access(unsigned int unit, uint16_t source, uint64_t address, bool write)
{
	uint64_t exclusion = *at(unit, 0x20);
	struct cached_page page;
	struct entry device;

	if (!(*at(unit, 0x18) & 1))
		return address;
	if (exclusion & 1 && address >= (exclusion & ADDRESS) && address <= *at(unit, 0x28))
		return address;
	device = device_of(unit, source);
	if (!(device.word[0] & 1))
		return address;
	page = page_of(unit, &device, address);
	if (page.bits & (write ? 2 : 1))
		return page.physical + address % PAGE;
	return device.word[1] & BIT(34) ? NOWHERE :
					  stopped(unit, source, address, write ? 0x20 : 0);
}

static uint32_t message_of(unsigned int unit, uint16_t source, const struct entry *device,
			   unsigned int index)
{
	struct cache *cache = &caches[unit];
	struct cached_message *message;
	const uint32_t *table =
		(const uint32_t *)(uintptr_t)(device->word[2] & 0x000fffffffffffc0ull);

	for (unsigned int i = 0; i < used(cache->next_message, CACHED); i++)
		if (cache->message[i].valid && cache->message[i].source == source &&
		    cache->message[i].index == index)
			return cache->message[i].entry;
	if (index >= BIT(device->word[2] >> 1 & 15))
		return 0;
	message = &cache->message[cache->next_message++ % CACHED];
	*message = (struct cached_message){ table[index] & 1 || fake_amd[unit].cached_absent,
					    source, (uint16_t)index, table[index] };
	return message->entry;
}

uint64_t fake_amd_message(unsigned int unit, uint16_t source, uint64_t address, uint32_t data)
{
	unsigned int mode = data >> 8 & 7, kind;
	uint64_t direct = (data & 0xff) | (address >> 12 & 0xff) << 8 | (uint64_t)mode << 16;
	struct entry device;
	uint32_t entry = 0;
	uint64_t flags;

	if (!(*at(unit, 0x18) & 1))
		return direct;
	device = device_of(unit, source);
	kind = (unsigned int)(device.word[2] >> 60 & 3);
	flags = device.word[2] & 0x20 ? 0 : 8;
	if (!(device.word[0] & 1) || !(device.word[2] & 1))
		return direct;
	if (mode < 2 && kind == 1)
		return direct;
	/* System management, NMI, INIT, external: a bit each lets them pass. */
	if (mode >= 2 &&
	    ((mode == 5 && device.word[2] & BIT(56)) || (mode == 7 && device.word[2] & BIT(57)) ||
	     (mode == 4 && device.word[2] & BIT(58))))
		return direct;
	if (mode < 2 && kind == 2)
		entry = message_of(unit, source, &device, data & 0x7ff);
	if (entry & 1)
		return (entry >> 16 & 0xff) | (entry >> 8 & 0xff) << 8;
	return flags ? stopped(unit, source, address, flags) : NOWHERE;
}
