/* SPDX-License-Identifier: MIT */
/* The machine, through sessions of core. */
#include "hardware.h"

#include <stdio.h>
#include <string.h>

#include "hardware_start.h"
#include "runtime/component.h"
#include "runtime/log_budget.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/rom.h"

#define PAGE PURLIN_PAGE_SIZE
#define MAPPINGS 512
#define PORT_RANGES 64
#define LENT_MAPPINGS 256
#define LENT_BYTES 0x1000000ull
#define PHYSICAL_END (1ull << 52)

struct mapping {
	char *address;	   /* of its first page */
	uint64_t physical; /* likewise */
	uint64_t pages;	   /* 0: free */
	bool lent;	   /* to the interpreter, and mapped there */
	purlin_u64 memory;
	purlin_u64 id;
};

struct port_range {
	uint16_t first;
	uint16_t count;
	purlin_u64 slot;
};

static struct {
	purlin_u64 io_mem;
	purlin_u64 io_port;
	const struct purlin_boot_info *boot;
	struct mapping mapping[MAPPINGS];
	unsigned int port_ranges;
	struct port_range port_range[PORT_RANGES];
} hardware;

bool hardware_start(void)
{
	const void *boot;
	purlin_u64 bytes;

	if (rom_map(ROM_BOOT_INFO, &boot, &bytes))
		return false;
	hardware.boot = boot;
	return !session_open("IO_MEM", "platform", &hardware.io_mem) &&
	       !session_open("IO_PORT", "platform", &hardware.io_port);
}

/* Tables lie in RAM; everything else is taken for registers. */
static purlin_u64 cache_of(uint64_t physical, uint64_t size)
{
	for (unsigned int i = 0; i < hardware.boot->memory_ranges; i++) {
		const struct purlin_memory_range *range = &hardware.boot->memory[i];

		if ((range->kind == PURLIN_MEMORY_ACPI || range->kind == PURLIN_MEMORY_NVS) &&
		    physical >= range->base && physical + size <= range->base + range->size)
			return PURLIN_MAP_WRITE_BACK;
	}
	return PURLIN_MAP_UNCACHED;
}

/* Bounded, since AML decides how much is mapped at a time. */
static struct mapping *free_mapping(void)
{
	for (unsigned int i = 0; i < MAPPINGS; i++)
		if (!hardware.mapping[i].pages)
			return &hardware.mapping[i];
	return NULL;
}

/* By claim, so that core knows what is in use: nobody else is given these pages meanwhile. */
static struct mapping *claim_pages(uint64_t physical, uint64_t size)
{
	struct mapping *mapping = free_mapping();
	uint64_t offset = physical % PAGE, pages = PAGES_OF(offset + size);

	if (!mapping || io_mem_claim(hardware.io_mem, physical - offset, pages,
				     cache_of(physical, size), &mapping->memory, &mapping->id))
		return NULL;
	*mapping = (struct mapping){ .physical = physical - offset,
				     .pages = pages,
				     .memory = mapping->memory,
				     .id = mapping->id };
	return mapping;
}

static void give_back(struct mapping *mapping)
{
	slot_delete(mapping->memory);
	(void)io_mem_release(hardware.io_mem, mapping->id);
	mapping->pages = 0;
}

void *hardware_map(uint64_t physical, uint64_t size)
{
	struct mapping *mapping = claim_pages(physical, size);
	void *address;

	if (!mapping)
		return NULL;
	if (memory_map(mapping->memory, 0, mapping->pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE,
		       &address)) {
		give_back(mapping);
		return NULL;
	}
	mapping->address = address;
	return mapping->address + physical % PAGE;
}

/* ACPICA names what it gives back by address. The size is the mapping's own, whatever it says. */
void hardware_unmap(void *address, uint64_t size)
{
	char *page = (char *)address - (uintptr_t)address % PAGE;

	(void)size;
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		struct mapping *mapping = &hardware.mapping[i];

		if (!mapping->pages || mapping->lent || mapping->address != page)
			continue;
		memory_unmap(page);
		give_back(mapping);
		return;
	}
}

void *hardware_map_claimed(uint64_t memory, uint64_t pages)
{
	void *address;

	return memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address) ? NULL :
											    address;
}

void hardware_unmap_claimed(void *address)
{
	memory_unmap(address);
}

/* Registers of the IOMMU, configuration space, tables of messages. */
static bool is_ours(uint64_t physical, uint64_t size)
{
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		const struct mapping *mapping = &hardware.mapping[i];

		if (mapping->pages && !mapping->lent && physical + size > mapping->physical &&
		    physical < mapping->physical + mapping->pages * PAGE)
			return true;
	}
	return false;
}

static unsigned int lent_mappings(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < MAPPINGS; i++)
		count += hardware.mapping[i].pages && hardware.mapping[i].lent;
	return count;
}

/*
 * What is asked for here comes from firmware. It gets no more than it can use, nothing that this
 * component drives itself, and leaves mappings over for that.
 */
bool hardware_lend(uint64_t physical, uint64_t size, uint64_t pd, uint64_t at, uint64_t *number)
{
	struct mapping *mapping;

	if (!size || size > LENT_BYTES || physical > PHYSICAL_END - size ||
	    is_ours(physical, size) || lent_mappings() == LENT_MAPPINGS)
		return false;
	mapping = claim_pages(physical, size);
	if (!mapping)
		return false;
	if (purlin_memory_map(mapping->memory, pd, at, 0, mapping->pages,
			      PURLIN_MAP_READ | PURLIN_MAP_WRITE)) {
		give_back(mapping);
		return false;
	}
	mapping->lent = true;
	*number = (uint64_t)(mapping - hardware.mapping);
	return true;
}

/* The claim's end takes the pages from whoever has them mapped. */
void hardware_take_back(uint64_t number)
{
	if (number < MAPPINGS && hardware.mapping[number].pages && hardware.mapping[number].lent)
		give_back(&hardware.mapping[number]);
}

void hardware_take_back_all(void)
{
	for (unsigned int i = 0; i < MAPPINGS; i++)
		hardware_take_back(i);
}

/* Never given back: methods use the same ports again, and the table bounds how many they are. */
static const struct port_range *claim_range(uint16_t first, unsigned int count)
{
	struct port_range *range = &hardware.port_range[hardware.port_ranges];
	purlin_u64 id;

	if (hardware.port_ranges == PORT_RANGES ||
	    io_port_claim(hardware.io_port, first, count, &range->slot, &id))
		return NULL;
	range->first = first;
	range->count = (uint16_t)count;
	hardware.port_ranges++;
	return range;
}

#define BOARD_END 0x100 /* of the ports of devices on the board, which lie side by side */

/*
 * Ports are claimed eight at a time where that is possible, and kept; on the board one by one,
 * since the description may give its neighbours to others.
 */
static const struct port_range *range_of(uint16_t port, unsigned int size)
{
	/*
	 * Firmware's methods use neighbouring registers, and a claim costs a slot and a call to
	 * core.
	 */
	uint16_t block = port & 0xfff8;
	const struct port_range *range;

	for (unsigned int i = 0; i < hardware.port_ranges; i++) {
		range = &hardware.port_range[i];
		if (port >= range->first &&
		    port + size <= (unsigned int)range->first + range->count)
			return range;
	}
	range = port >= BOARD_END && port + size <= block + 8u ? claim_range(block, 8) : NULL;
	return range ? range : claim_range(port, size);
}

bool hardware_port_read(uint16_t port, unsigned int size, uint32_t *value)
{
	const struct port_range *range = range_of(port, size);
	purlin_u64 read;

	/* What a bus answers where nobody does. */
	*value = 0xffffffffu >> (32 - size * 8);
	if (!range || purlin_io_port_in(range->slot, port, size, &read))
		return false;
	*value = (uint32_t)read;
	return true;
}

bool hardware_port_write(uint16_t port, unsigned int size, uint32_t value)
{
	const struct port_range *range = range_of(port, size);

	return range && !purlin_io_port_out(range->slot, port, size, value);
}

/* Split so that the product stays within 64 bits. */
uint64_t hardware_time_ns(void)
{
	uint64_t hz = hardware.boot->tsc_hz, tsc = tsc_now();

	return tsc / hz * 1000000000 + tsc % hz * 1000000000 / hz;
}

/* In two parts, likewise. */
uint64_t hardware_deadline(uint64_t nanoseconds)
{
	uint64_t khz = hardware.boot->tsc_hz / 1000;

	return tsc_now() + nanoseconds / 1000000 * khz + nanoseconds % 1000000 * khz / 1000000;
}

unsigned int hardware_memory(const struct purlin_memory_range **ranges)
{
	*ranges = hardware.boot->memory;
	return hardware.boot->memory_ranges;
}

uint64_t hardware_rsdp(void)
{
	return hardware.boot->rsdp;
}

uint64_t hardware_tsc_hz(void)
{
	return hardware.boot->tsc_hz;
}

void hardware_log_arguments(const char *format, va_list arguments)
{
	vprintf(format, arguments);
}

void hardware_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

/*
 * For lines that a device or a client can cause: each source has a budget, so none can flood the
 * log or push out what others say.
 */
void hardware_log_for(const char *source, const char *format, ...)
{
	va_list arguments;

	if (!log_budget_allows(source, tsc_now(), hardware.boot->tsc_hz))
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}
