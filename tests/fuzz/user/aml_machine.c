// SPDX-License-Identifier: MIT
/* hardware.h for the aml target. */
#include "aml.h"

#include "blocks.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/turn.h"

#define BLOCKS 9
#define RSDP 0xf0000
#define TABLES 0x7000000
#define TABLE_STEP 0x20000
#define HEADER 36
#define ECAM 0xb0000000
#define ECAM_BYTES 0x100000
#define REGISTERS 0xfed00000
#define REGISTERS_BYTES 0x1000
#define PM_PORTS 0x600
#define PM_BYTES 0x40
#define TIME_STEP_NS 100000000 /* for each look at the clock, so that no wait takes long */
#define MEMORY_BYTES 0x400000  /* of all that ACPICA may have at a time */
#define STACK_BYTES 0x30000    /* of a program with sanitizers, in place of 64 KiB */

struct block {
	uint64_t address, bytes;
	uint8_t *data;
};

static struct block blocks[BLOCKS];
static unsigned int block_count;
/* pci_config keeps the address of a window: they stay where they are. */
static uint8_t ecam[2][ECAM_BYTES], registers[REGISTERS_BYTES], pm[PM_BYTES];
static uint64_t now, answers;
static char *stack_begin;

struct allocation {
	struct allocation *next, **link;
	size_t size;
	_Alignas(16) uint8_t data[];
};

static struct allocation *allocations;
static size_t allocated;

void aml_stack_begin(void)
{
	stack_begin = __builtin_frame_address(0);
}

/* ACPICA allocates at each level of whatever it does, so a stack that grows is seen here. */
void *aml_allocate(size_t size)
{
	struct allocation *allocation;

	MUST((size_t)(stack_begin - (char *)__builtin_frame_address(0)) < STACK_BYTES);
	if (size > MEMORY_BYTES || allocated + size > MEMORY_BYTES)
		return NULL;
	allocation = malloc(sizeof(*allocation) + size);
	*allocation = (struct allocation){ allocations, &allocations, size };
	if (allocations)
		allocations->link = &allocation->next;
	allocations = allocation;
	allocated += size;
	/* As fresh memory may be. */
	memset(allocation->data, 0xa5, size);
	return allocation->data;
}

void aml_free(void *memory)
{
	struct allocation *allocation;

	if (!memory)
		return;
	allocation = (struct allocation *)((uint8_t *)memory - offsetof(struct allocation, data));
	*allocation->link = allocation->next;
	if (allocation->next)
		allocation->next->link = allocation->link;
	allocated -= allocation->size;
	free(allocation);
}

static uint8_t *add_block(uint64_t address, size_t bytes)
{
	struct block *block = &blocks[block_count++];

	*block = (struct block){ address, bytes, calloc(1, bytes) };
	return block->data;
}

static void put(uint8_t *at, unsigned int bytes, uint64_t value)
{
	memcpy(at, &value, bytes);
}

static void seal(uint8_t *data, size_t bytes, size_t at)
{
	uint8_t sum = 0;

	data[at] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + data[i]);
	data[at] = (uint8_t)-sum;
}

/* Its address; the caller fills the body and seals the table. */
static uint64_t begin_table(const char *signature, size_t body)
{
	uint64_t address = TABLES + block_count * TABLE_STEP;
	uint8_t *table = add_block(address, HEADER + body);

	memcpy(table, signature, 4);
	put(table + 4, 4, HEADER + body);
	table[8] = 2;
	memcpy(table + 10, "PURLINFUZZING ", 14);
	return address;
}

static uint8_t *last_table(void)
{
	return blocks[block_count - 1].data;
}

static void finish_table(void)
{
	seal(last_table(), blocks[block_count - 1].bytes, 9);
}

static uint64_t put_aml(struct input *input, const char *signature, size_t bytes)
{
	uint64_t address = begin_table(signature, bytes);

	input_fill(input, last_table() + HEADER, bytes);
	finish_table();
	return address;
}

/* ACPI 6.5, 5.2.9; no SMI command: the machine is in ACPI mode. */
static uint64_t put_fadt(uint64_t dsdt)
{
	uint64_t facs = TABLES + block_count * TABLE_STEP, address;
	uint8_t *table = add_block(facs, 64);

	memcpy(table, "FACS", 4);
	put(table + 4, 4, 64);
	address = begin_table("FACP", 276 - HEADER);
	table = last_table();
	table[8] = 6;
	put(table + 36, 4, facs);
	put(table + 40, 4, dsdt);
	put(table + 46, 2, 9); /* the interrupt */
	put(table + 56, 4, PM_PORTS);
	put(table + 64, 4, PM_PORTS + 4);
	put(table + 76, 4, PM_PORTS + 8);
	put(table + 80, 4, PM_PORTS + 0x20);
	table[88] = 4;
	table[89] = 2;
	table[91] = 4;
	table[92] = 16;
	put(table + 140, 8, dsdt);
	finish_table();
	return address;
}

/* PCI Firmware 3.3, 4.1.2. */
static uint64_t put_mcfg(void)
{
	uint64_t address = begin_table("MCFG", 8 + 16);

	put(last_table() + 44, 8, ECAM);
	last_table()[55] = 1;
	finish_table();
	return address;
}

static void put_rsdp(const uint64_t *tables, unsigned int count)
{
	uint64_t root = begin_table("XSDT", 8ull * count);
	uint8_t *rsdp;

	for (unsigned int i = 0; i < count; i++)
		put(last_table() + HEADER + 8ull * i, 8, tables[i]);
	finish_table();
	rsdp = add_block(RSDP, 36);
	memcpy(rsdp, "RSD PTR ?PURLIN", 15);
	rsdp[15] = 2;
	put(rsdp + 20, 4, 36);
	put(rsdp + 24, 8, root);
	seal(rsdp, 20, 8);
	seal(rsdp, 36, 32);
}

static void put_function(unsigned int bus, unsigned int slot, uint32_t id, uint32_t class)
{
	uint8_t *at = ecam[bus] + (slot << 15);

	put(at, 4, id);
	put(at + 8, 4, class << 8);
	at[0x3d] = 1;
	if (class != 0x060400)
		return;
	at[0x0e] = 1;
	at[0x19] = at[0x1a] = 1;
}

static void make_devices(bool by_ecam)
{
	memset(ecam, 0, sizeof(ecam));
	memset(registers, 0, sizeof(registers));
	memset(pm, 0, sizeof(pm));
	put_function(0, 0, 0x29c08086, 0x060000);
	put_function(0, 1, 0x000c1b36, 0x060400);
	put_function(0, 2, 0x11e81234, 0x00ff00);
	put_function(1, 3, 0x11e81234, 0x00ff00);
	/* Base 0 for each bus is "by ports". */
	for (unsigned int bus = 0; bus < 2 && !by_ecam; bus++)
		pci_config_use_ecam(0ull - (uint64_t)bus * ECAM_BYTES, bus, bus);
}

static void damage_table(struct input *input)
{
	struct block *block = &blocks[input_choice(input, (unsigned int)block_count)];
	unsigned int at = input_byte(input);

	if (at < 64)
		put(block->data + 4, 4, input_number(input));
	else
		block->data[at % block->bytes] = input_byte(input);
	if (block->address != RSDP && block->bytes >= HEADER && at & 1)
		seal(block->data, block->bytes, 9);
}

unsigned int aml_machine_make(struct input *input)
{
	unsigned int choices = input_byte(input), count = 0;
	struct input odd = { input->at, choices & AML_ODD_TABLE ? 8 : 0 };
	uint64_t tables[4];
	size_t dsdt;

	if (input->left < 8)
		odd.left = 0;
	input->at += odd.left;
	input->left -= odd.left;
	answers = input_byte(input);
	dsdt = input_bytes(input, 2);
	dsdt = dsdt < input->left ? dsdt : input->left;
	tables[count++] = put_fadt(put_aml(input, "DSDT", dsdt));
	if (input->left)
		tables[count++] = put_aml(input, "SSDT", input->left);
	if (choices & AML_ECAM)
		tables[count++] = put_mcfg();
	put_rsdp(tables, count);
	make_devices((choices & AML_ECAM) != 0);
	if (odd.left)
		damage_table(&odd);
	now = 0;
	return choices;
}

void aml_machine_forget(void)
{
	while (block_count)
		free(blocks[--block_count].data);
	for (struct allocation *at = allocations, *next; at; at = next) {
		next = at->next;
		free(at);
	}
	allocations = NULL;
	allocated = 0;
}

static void *within(const struct block *block, uint64_t physical, uint64_t size)
{
	bool inside = physical >= block->address && size <= block->bytes &&
		      physical - block->address <= block->bytes - size;

	return inside ? block->data + (physical - block->address) : NULL;
}

/* What is mapped is the block itself, so that the sanitizer sees where it ends. */
void *hardware_map(uint64_t physical, uint64_t size)
{
	const struct block others[] = { { ECAM, ECAM_BYTES, ecam[0] },
					{ ECAM + ECAM_BYTES, ECAM_BYTES, ecam[1] },
					{ REGISTERS, REGISTERS_BYTES, registers } };
	void *found = NULL;

	for (unsigned int i = 0; i < block_count && !found; i++)
		found = within(&blocks[i], physical, size);
	for (unsigned int i = 0; i < 3 && !found; i++)
		found = within(&others[i], physical, size);
	return found;
}

void hardware_unmap(void *address, uint64_t size)
{
	(void)address;
	(void)size;
}

/* Power management's registers keep what they were given, and the first says that the machine woke
 * up; the others answer differently each time. */
bool hardware_port_read(uint16_t port, unsigned int size, uint32_t *value)
{
	MUST((size == 1 || size == 2 || size == 4) && port + size <= 0x10000);
	answers = answers * 6364136223846793005u + 1442695040888963407u;
	*value = (uint32_t)(answers >> 33) | (port == PM_PORTS ? 0x8000u : 0);
	if (port > PM_PORTS && port + size <= PM_PORTS + PM_BYTES)
		memcpy(value, pm + (port - PM_PORTS), size);
	*value &= 0xffffffffu >> (32 - 8 * size);
	return port < 0xf000;
}

bool hardware_port_write(uint16_t port, unsigned int size, uint32_t value)
{
	MUST((size == 1 || size == 2 || size == 4) && port + size <= 0x10000);
	if (port >= PM_PORTS && port + size <= PM_PORTS + PM_BYTES)
		memcpy(pm + (port - PM_PORTS), &value, size);
	return port < 0xf000;
}

uint64_t hardware_time_ns(void)
{
	return now += TIME_STEP_NS;
}

void turn_pause(uint64_t nanoseconds)
{
	now += nanoseconds;
}

uint64_t hardware_rsdp(void)
{
	return RSDP;
}

void hardware_log_arguments(const char *format, va_list arguments)
{
	static bool asked, aloud;
	char line[512];

	if (!asked)
		aloud = getenv("FUZZ_LOG") != NULL;
	asked = true;
	(void)vsnprintf(line, sizeof(line), format, arguments);
	if (aloud)
		fputs(line, stderr);
}

void hardware_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	hardware_log_arguments(format, arguments);
	va_end(arguments);
}

void hardware_log_for(const char *source, const char *format, ...)
{
	(void)source;
	(void)format;
}
