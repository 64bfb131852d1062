/* SPDX-License-Identifier: MIT */
/* Starting a unit, its tables, its commands. */
#include "vtd_unit.h"

#include "hardware.h"
#include "vtd_registers.h"

#define QUEUE_ENTRIES 256u
#define QUEUE_SHIFT 4
#define PATIENCE 100000000ull /* ns */
#define NUMBER_WORD 0	      /* of the page behind the queue's */

unsigned int vtd_levels(const struct vtd_unit *unit)
{
	/* SAGAW: bit 1: 39 bits, bit 2: 48 bits. */
	return (unsigned int)(unit->capabilities >> 8 & 0x6) << 2;
}

bool vtd_large_pages(const struct vtd_unit *unit)
{
	return unit->capabilities >> 34 & 1;
}

bool vtd_coherent(const struct vtd_unit *unit)
{
	return unit->extended & 1;
}

bool vtd_snoop_control(const struct vtd_unit *unit)
{
	return unit->extended >> 7 & 1;
}

bool vtd_caches_absent(const struct vtd_unit *unit)
{
	return unit->capabilities >> 7 & 1;
}

unsigned int vtd_domains(const struct vtd_unit *unit)
{
	unsigned int bits = 4 + 2 * (unsigned int)(unit->capabilities & 7);

	/* A context entry has 16 bits for the number, whatever the unit says. */
	return 1u << (bits > 16 ? 16 : bits);
}

unsigned int vtd_address_bits(const struct vtd_unit *unit)
{
	return (unsigned int)(unit->capabilities >> 16 & 0x3f) + 1;
}

bool vtd_remaps(const struct vtd_unit *unit)
{
	return unit->extended >> 3 & 1;
}

bool vtd_wide_ids(const struct vtd_unit *unit)
{
	return unit->extended >> 4 & 1;
}

/* Units answer within microseconds. The turn is kept: nothing else may be said to this one. */
static bool reached(const struct vtd_unit *unit, uint32_t bit, bool set, uint64_t patience)
{
	uint64_t end = hardware_time_ns() + patience;

	do {
		if (((vtd_read(unit, VTD_STATUS) & bit) != 0) == set)
			return true;
	} while (hardware_time_ns() < end);
	return false;
}

/* 11.4.4: one bit at a time, the others as the status has them, less those that act once. */
bool vtd_command(struct vtd_unit *unit, uint32_t bit, bool set)
{
	uint32_t lasting = vtd_read(unit, VTD_STATUS) & ~VTD_ONE_SHOT;

	vtd_write(unit, VTD_COMMAND, set ? lasting | bit : lasting & ~bit);
	/* Flushing of writes is under way while its bit is set; all others say what is in force. */
	if (reached(unit, bit, bit == VTD_FLUSH_WRITES ? false : set, PATIENCE))
		return true;
	/* For good: what it does from now on cannot be known, so nothing may count on it. */
	unit->stuck = true;
	return false;
}

void vtd_let_pass(struct vtd_unit *unit)
{
	uint32_t lasting = vtd_read(unit, VTD_STATUS) & ~VTD_ONE_SHOT;

	vtd_write(unit, VTD_COMMAND, lasting | VTD_COMPATIBLE);
	(void)reached(unit, VTD_COMPATIBLE, true, PATIENCE / 100);
}

static void written(const struct vtd_unit *unit, const volatile void *at, size_t bytes)
{
	if (!vtd_coherent(unit))
		table_memory_flush(at, bytes);
}

static void put(struct vtd_unit *unit, uint64_t low, uint64_t high)
{
	uint64_t *entry = &unit->queue->words[2 * unit->tail];

	/* There is always room: each command is waited for before the next one is put. */
	entry[0] = low;
	entry[1] = high;
	written(unit, entry, 16);
	unit->tail = (unit->tail + 1) % QUEUE_ENTRIES;
}

static volatile uint32_t *number_place(const struct vtd_unit *unit)
{
	return (volatile uint32_t *)(unit->queue->words + TABLE_PAGE / 8) + NUMBER_WORD;
}

/* The number changes each time: an answer that comes late is not taken for a later one. */
static bool confirmed(struct vtd_unit *unit)
{
	volatile uint32_t *number = number_place(unit);
	uint64_t end = hardware_time_ns() + PATIENCE;

	put(unit,
	    VTD_QUEUE_WAIT | VTD_WAIT_WRITES | VTD_WAIT_ORDER | (uint64_t)++unit->last_number << 32,
	    unit->queue->physical + TABLE_PAGE + NUMBER_WORD * 4);
	vtd_write_wide(unit, VTD_QUEUE_TAIL, unit->tail << QUEUE_SHIFT);
	/* The unit writes memory; a unit that does not snoop, past the cache. */
	do {
		written(unit, number, sizeof(*number));
		if (*number == unit->last_number)
			return true;
	} while (!(vtd_read(unit, VTD_FAULT_STATUS) & VTD_QUEUE_ERRORS) &&
		 hardware_time_ns() < end);
	return false;
}

static bool run(struct vtd_unit *unit, uint64_t low, uint64_t high)
{
	if (unit->stuck)
		return false;
	/* 6.5.2.8: some units keep writes to tables back. */
	if (unit->capabilities >> 4 & 1 && !vtd_command(unit, VTD_FLUSH_WRITES, true))
		return false;
	put(unit, low, high);
	if (confirmed(unit))
		return true;
	unit->stuck = true;
	hardware_log("IOMMU at 0x%llx: a command was not confirmed, status 0x%x; it gets no more",
		     (unsigned long long)unit->address, vtd_read(unit, VTD_FAULT_STATUS));
	return false;
}

bool vtd_flush_context(struct vtd_unit *unit, uint16_t bdf, uint16_t domain)
{
	return run(unit,
		   VTD_QUEUE_CONTEXT | VTD_DEVICE | (uint64_t)domain << 16 | (uint64_t)bdf << 32,
		   0);
}

/* What is under way goes to its end first, so that the pages are out of reach afterwards. */
bool vtd_flush_domain(struct vtd_unit *unit, uint16_t domain)
{
	return run(unit, VTD_QUEUE_TRANSLATIONS | VTD_DOMAIN | VTD_DRAIN | (uint64_t)domain << 16,
		   0);
}

bool vtd_flush_interrupts(struct vtd_unit *unit)
{
	return run(unit, VTD_QUEUE_REMAPPINGS, 0);
}

static uint64_t *context_of(const struct vtd_unit *unit, uint16_t bdf)
{
	const struct table_memory *table = unit->context[bdf >> 8];

	return table ? &table->words[2 * (bdf & 0xffu)] : NULL;
}

uint64_t vtd_context_low(const struct vtd_unit *unit, uint16_t bdf)
{
	const uint64_t *context = context_of(unit, bdf);

	return context ? context[0] : 0;
}

uint64_t vtd_context_high(const struct vtd_unit *unit, uint16_t bdf)
{
	const uint64_t *context = context_of(unit, bdf);

	return context ? context[1] : 0;
}

static bool add_bus(struct vtd_unit *unit, unsigned int bus)
{
	struct table_memory *table = table_memory_new(1);
	volatile uint64_t *root = &unit->root->words[2 * bus];

	if (!table)
		return false;
	written(unit, table->words, TABLE_PAGE);
	unit->context[bus] = table;
	*root = table->physical | VTD_PRESENT;
	written(unit, root, sizeof(*root));
	return true;
}

/* The half with the present bit comes last, and goes first. */
bool vtd_context_set(struct vtd_unit *unit, uint16_t bdf, uint64_t low, uint64_t high)
{
	volatile uint64_t *context;

	if (!unit->context[bdf >> 8] && !add_bus(unit, bdf >> 8))
		return false;
	context = context_of(unit, bdf);
	if (!low)
		context[0] = 0;
	context[1] = high;
	context[0] = low;
	written(unit, context, 16);
	return true;
}

static const char *lack_of(const struct vtd_unit *unit)
{
	if (!(unit->extended >> 1 & 1))
		return "it has no queue of commands";
	if (!vtd_levels(unit))
		return "it has neither 3 nor 4 levels of tables";
	return NULL;
}

/* The registers of faults may lie beyond the first page. */
static bool map(struct vtd_unit *unit, uint64_t registers)
{
	uint64_t faults, bytes = TABLE_PAGE;

	unit->address = registers;
	for (;;) {
		unit->registers = hardware_map(registers, bytes);
		unit->register_bytes = bytes;
		if (!unit->registers)
			return false;
		unit->capabilities = vtd_read_wide(unit, VTD_CAPABILITIES);
		unit->extended = vtd_read_wide(unit, VTD_EXTENDED);
		/* Where its fault records end; many units have them beyond the first page. */
		faults = ((unit->capabilities >> 24 & 0x3ff) << 4) +
			 16 * ((unit->capabilities >> 40 & 0xff) + 1);
		if (faults <= bytes || bytes > TABLE_PAGE)
			return true;
		hardware_unmap((void *)(uintptr_t)unit->registers, bytes);
		bytes = faults;
	}
}

static bool allocate(struct vtd_unit *unit)
{
	unit->root = table_memory_new(1);
	unit->queue = table_memory_new(2); /* and a page for what waits write */
	if (!unit->root || !unit->queue)
		return false;
	written(unit, unit->root->words, TABLE_PAGE);
	return true;
}

/*
 * The queue of the previous platform component is in memory that core takes back when this one
 * announces itself.
 */
static bool start_queue(struct vtd_unit *unit)
{
	/* Switched off first: head and tail can only be set while it does not run. */
	if (!vtd_command(unit, VTD_QUEUED, false))
		return false;
	vtd_write(unit, VTD_FAULT_STATUS, VTD_QUEUE_ERRORS);
	vtd_write_wide(unit, VTD_QUEUE_TAIL, 0);
	vtd_write_wide(unit, VTD_QUEUE, unit->queue->physical);
	return vtd_command(unit, VTD_QUEUED, true);
}

/* From now on the tables are ours: nothing of older ones is left in the unit's caches. */
static bool start_root(struct vtd_unit *unit)
{
	vtd_write_wide(unit, VTD_ROOT, unit->root->physical);
	return vtd_command(unit, VTD_SET_ROOT, true) && run(unit, VTD_QUEUE_CONTEXT | VTD_ALL, 0) &&
	       run(unit, VTD_QUEUE_TRANSLATIONS | VTD_ALL | VTD_DRAIN, 0) &&
	       vtd_command(unit, VTD_TRANSLATE, true);
}

/* 11.4.8: regions that firmware kept all devices out of. The tables do that now. */
static void end_protection(const struct vtd_unit *unit)
{
	if ((unit->capabilities >> 5 & 3) && (vtd_read(unit, VTD_PROTECTED) & VTD_PROTECTING))
		vtd_write(unit, VTD_PROTECTED, 0);
}

const char *vtd_unit_start(struct vtd_unit *unit, uint64_t registers, bool *held)
{
	const char *lack;

	*held = false;
	if (!map(unit, registers))
		return "no access to its registers";
	/*
	 * Told even if the start fails: then the unit goes on by tables of firmware or an earlier
	 * life.
	 */
	*held = (vtd_read(unit, VTD_STATUS) & (VTD_TRANSLATE | VTD_QUEUED)) != 0;
	lack = lack_of(unit);
	if (lack)
		return lack;
	if (!allocate(unit))
		return "no memory for its tables";
	if (!start_queue(unit) || !start_root(unit))
		return "it does not do as it is told";
	end_protection(unit);
	unit->usable = true;
	return NULL;
}
