/* SPDX-License-Identifier: MIT */
/* Starting a unit, and its commands. */
#include "amd_unit.h"

#include <string.h>

#include "amd_registers.h"
#include "hardware.h"
#include "pci_config.h"

#define ENTRY_SHIFT 4	      /* of the queue and the log, in bytes */
#define PATIENCE 100000000ull /* ns */
#define DOMAIN_NUMBERS 0x10000u

/* Units answer within microseconds. The turn is kept: nothing else may be said to this one. */
static bool stopped(const struct amd_unit *unit, uint64_t running)
{
	uint64_t end = hardware_time_ns() + PATIENCE;

	do {
		if (!(amd_read(unit, AMD_STATUS) & running))
			return true;
	} while (hardware_time_ns() < end);
	return false;
}

static void put(struct amd_unit *unit, uint64_t low, uint64_t high)
{
	volatile uint64_t *entry = &unit->queue->words[2 * unit->tail];

	/* There is always room: each command is waited for before the next one is put. */
	entry[0] = low;
	entry[1] = high;
	unit->tail = (unit->tail + 1) % AMD_BUFFER_ENTRIES;
}

/* The number changes each time: an answer that comes late is not taken for a later one. */
static bool confirmed(struct amd_unit *unit)
{
	const volatile uint64_t *number = unit->queue->words + TABLE_PAGE / 8;
	uint64_t end = hardware_time_ns() + PATIENCE;

	put(unit,
	    AMD_COMMAND(AMD_COMMAND_WAIT) | AMD_WAIT_STORE | (unit->queue->physical + TABLE_PAGE),
	    ++unit->last_number);
	amd_write(unit, AMD_QUEUE_TAIL, unit->tail << ENTRY_SHIFT);
	do {
		if (*number == unit->last_number)
			return true;
		/* It stops at a command that it does not understand. */
	} while (amd_read(unit, AMD_STATUS) & AMD_STATUS_QUEUE_RUNS && hardware_time_ns() < end);
	return *number == unit->last_number;
}

static bool run(struct amd_unit *unit, unsigned int code, uint64_t low, uint64_t high)
{
	if (unit->stuck)
		return false;
	put(unit, AMD_COMMAND(code) | low, high);
	if (confirmed(unit))
		return true;
	/* For good: what it still holds cannot be known, so nothing may count on it. */
	unit->stuck = true;
	hardware_log("IOMMU at 0x%llx: a command was not confirmed, status 0x%llx; it gets no more",
		     (unsigned long long)unit->description->registers,
		     (unsigned long long)amd_read(unit, AMD_STATUS));
	return false;
}

bool amd_flush_device(struct amd_unit *unit, uint16_t source)
{
	return run(unit, AMD_COMMAND_DEVICE, source, 0);
}

bool amd_flush_messages(struct amd_unit *unit, uint16_t source)
{
	return run(unit, AMD_COMMAND_MESSAGES, source, 0);
}

bool amd_flush_domain(struct amd_unit *unit, uint16_t number)
{
	return run(unit, AMD_COMMAND_PAGES, (uint64_t)number << 32, AMD_PAGES_ALL);
}

/* Firmware, or the previous platform component, may have used any number. */
static bool flush_all(struct amd_unit *unit)
{
	bool done = true;

	if (unit->features & AMD_FEATURE_FLUSH_ALL)
		return run(unit, AMD_COMMAND_ALL, 0, 0);
	for (unsigned int i = 0; done && i < DOMAIN_NUMBERS; i++)
		done = amd_flush_device(unit, (uint16_t)i) &&
		       amd_flush_messages(unit, (uint16_t)i) && amd_flush_domain(unit, (uint16_t)i);
	return done;
}

/* Its PCI function says what it can do. */
static const char *read_capability(struct amd_unit *unit)
{
	const struct ivrs_unit *description = unit->description;
	uint32_t header = 0;

	if (description->capability % 4 == 0 && description->capability < 0x100)
		header = pci_config_read(description->bdf, description->capability, 4);
	if ((header & 0xff) != AMD_CAPABILITY || (header >> 16 & 7) != AMD_CAPABILITY_IOMMU)
		return "its PCI function does not describe it";
	unit->caches_absent = header >> AMD_CAPABILITY_CACHES_ABSENT & 1;
	if (header >> AMD_CAPABILITY_FEATURES & 1)
		unit->features = amd_read(unit, AMD_FEATURES);
	return NULL;
}

static bool allocate(struct amd_unit *unit, unsigned int sources)
{
	unit->sources = sources;
	unit->devices = table_memory_new(sources * AMD_DEVICE_WORDS * 8 / TABLE_PAGE);
	unit->queue = table_memory_new(2); /* and a page for what waits write */
	unit->events = table_memory_new(1);
	return unit->devices && unit->queue && unit->events;
}

/*
 * Queue and log of the previous platform component are in memory that core takes back when this one
 * announces itself.
 */
static bool stop_buffers(struct amd_unit *unit)
{
	/* It goes on translating, by the old tables, so no device gets through meanwhile. */
	amd_write(unit, AMD_CONTROL, amd_read(unit, AMD_CONTROL) & AMD_TRANSLATE);
	return stopped(unit, AMD_STATUS_QUEUE_RUNS | AMD_STATUS_LOG_RUNS);
}

const char *amd_unit_prepare(struct amd_unit *unit, const struct ivrs *ivrs,
			     const struct ivrs_unit *description, unsigned int sources, bool *held)
{
	const char *lack;

	*held = false;
	unit->ivrs = ivrs;
	unit->description = description;
	unit->registers = hardware_map(description->registers, AMD_REGISTER_BYTES);
	if (!unit->registers)
		return "no access to its registers";
	/*
	 * Told even if the start fails: then the unit goes on by tables of firmware or an earlier
	 * life.
	 */
	*held = (amd_read(unit, AMD_CONTROL) & (AMD_TRANSLATE | AMD_COMMANDS)) != 0;
	lack = read_capability(unit);
	if (lack)
		return lack;
	if (!allocate(unit, sources))
		return "no memory for its tables";
	if (!stop_buffers(unit))
		return "it does not do as it is told";
	return NULL;
}

static void start_log(struct amd_unit *unit)
{
	memset(unit->events->words, 0, TABLE_PAGE);
	amd_write(unit, AMD_EVENTS, unit->events->physical | AMD_BUFFER_SIZE);
	amd_write(unit, AMD_EVENTS_HEAD, 0);
	amd_write(unit, AMD_EVENTS_TAIL, 0);
	amd_write(unit, AMD_STATUS, AMD_STATUS_CLEAR);
}

/* How its packets are ordered, as firmware wants it. */
static uint64_t control_of(const struct amd_unit *unit)
{
	unsigned int flags = unit->description->flags;

	return AMD_TRANSLATE | AMD_COHERENT | AMD_COMMANDS | AMD_LOG | AMD_LOG_INTERRUPT |
	       (flags & AMD_FLAG_TUNNEL ? AMD_TUNNEL : 0) | (flags & AMD_FLAG_PASS ? AMD_PASS : 0) |
	       (flags & AMD_FLAG_RESPONSE_PASS ? AMD_RESPONSE_PASS : 0) |
	       (flags & AMD_FLAG_ISOCHRONOUS ? AMD_ISOCHRONOUS : 0);
}

/* No range of addresses passes untranslated, whatever firmware had in mind (IVMD, ivrs.h). */
bool amd_unit_begin(struct amd_unit *unit)
{
	amd_write(unit, AMD_EXCLUSION, 0);
	amd_write(unit, AMD_EXCLUSION_LIMIT, 0);
	amd_write(unit, AMD_DEVICES,
		  unit->devices->physical |
			  (unit->sources * AMD_DEVICE_WORDS * 8 / TABLE_PAGE - 1));
	amd_write(unit, AMD_QUEUE, unit->queue->physical | AMD_BUFFER_SIZE);
	amd_write(unit, AMD_QUEUE_HEAD, 0);
	amd_write(unit, AMD_QUEUE_TAIL, 0);
	start_log(unit);
	/*
	 * Last: it uses the tables named above from here on; the flush ends what it has of
	 * others.
	 */
	amd_write(unit, AMD_CONTROL, control_of(unit));
	unit->usable = flush_all(unit);
	return unit->usable;
}

/* 2.5.1: it stops when it is full. */
void amd_log_restart(struct amd_unit *unit)
{
	amd_write(unit, AMD_CONTROL, control_of(unit) & ~AMD_LOG);
	if (!stopped(unit, AMD_STATUS_LOG_RUNS))
		return;
	start_log(unit);
	amd_write(unit, AMD_CONTROL, control_of(unit));
}
