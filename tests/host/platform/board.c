/* SPDX-License-Identifier: MIT */
/* Tables and registers of a machine that a test makes up. */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "drivers/platform/hardware.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/turn.h"

#define TABLES 0x7f000000ull
#define TABLES_BYTES 0x100000
#define HEADER 36
#define ECAM_BYTES (256ull << 20)
#define PM_PORTS 0x600
#define PM_CONTROL (PM_PORTS + 4)
#define INDEX_PORT 0xc00

struct acpi_description board_description;
struct pci_tree board_tree;
uint8_t board_indexed[256];
unsigned int board_foreign;

static uint8_t tables[TABLES_BYTES], *ecam, index_register;
static size_t used;
static uint64_t ecam_base;

static void put(uint8_t *at, unsigned int bytes, uint64_t value)
{
	memcpy(at, &value, bytes);
}

static void seal(uint8_t *table, size_t bytes, size_t place)
{
	uint8_t sum = 0;

	table[place] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + table[i]);
	table[place] = (uint8_t)-sum;
}

/* Room for a table; where it is in the machine's memory. */
static uint8_t *begin_table(const char *signature, size_t bytes, uint64_t *address)
{
	uint8_t *table = tables + used;

	*address = TABLES + used;
	used += (bytes + 63) / 64 * 64;
	memcpy(table, signature, 4);
	put(table + 4, 4, bytes);
	table[8] = 2;
	memcpy(table + 10, "PURLINBOARD   ", 14);
	return table;
}

static uint64_t put_dsdt(const char *name)
{
	char path[256];
	uint64_t address = TABLES + used;
	size_t bytes;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.aml", BOARDS, name);
	file = fopen(path, "rb");
	if (!file)
		return 0;
	bytes = fread(tables + used, 1, TABLES_BYTES - used, file);
	fclose(file);
	used += (bytes + 63) / 64 * 64;
	return address;
}

/* ACPI 6.5, 5.2.9; no SMI command: the machine is in ACPI mode. */
static uint64_t put_fadt(uint64_t dsdt)
{
	uint64_t facs, address;
	uint8_t *table = begin_table("FACS", 64, &facs);

	memset(table + 8, 0, 56);
	table = begin_table("FACP", 276, &address);
	table[8] = 6;
	put(table + 36, 4, facs);
	put(table + 40, 4, dsdt);
	put(table + 46, 2, 9);
	put(table + 56, 4, PM_PORTS);
	put(table + 64, 4, PM_CONTROL);
	put(table + 76, 4, PM_PORTS + 8);
	put(table + 80, 4, PM_PORTS + 0x20);
	table[88] = 4;
	table[89] = 2;
	table[91] = 4;
	table[92] = 16;
	put(table + 140, 8, dsdt);
	seal(table, 276, 9);
	return address;
}

/* PCI Firmware 3.3, 4.1.2. */
static uint64_t put_mcfg(const struct board_segment *segment, unsigned int segments)
{
	size_t bytes = HEADER + 8 + 16 * segments;
	uint64_t address;
	uint8_t *table = begin_table("MCFG", bytes, &address);

	for (unsigned int i = 0; i < segments; i++) {
		uint8_t *entry = table + HEADER + 8 + 16 * i;

		put(entry, 8, segment[i].address);
		put(entry + 8, 2, segment[i].number);
		entry[10] = segment[i].first;
		entry[11] = segment[i].last;
		if (!segment[i].number)
			ecam_base = segment[i].address;
	}
	seal(table, bytes, 9);
	return address;
}

/* At the beginning of the tables, where hardware_rsdp() says it is. */
static void put_roots(const uint64_t *address, unsigned int count)
{
	size_t bytes = HEADER + 8 * count;
	uint64_t root;
	uint8_t *table = begin_table("XSDT", bytes, &root);

	for (unsigned int i = 0; i < count; i++)
		put(table + HEADER + 8 * i, 8, address[i]);
	seal(table, bytes, 9);
	memcpy(tables, "RSD PTR ?PURLIN", 15);
	tables[15] = 2;
	put(tables + 20, 4, 36);
	put(tables + 24, 8, root);
	seal(tables, 20, 8);
	seal(tables, 36, 32);
}

bool board_make(const char *dsdt, const struct board_segment *segment, unsigned int segments)
{
	uint64_t address[2], aml;

	memset(tables, 0, sizeof(tables));
	memset(board_indexed, 0, sizeof(board_indexed));
	used = 64;
	board_foreign = 0;
	ecam = mmap(NULL, ECAM_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	aml = put_dsdt(dsdt);
	address[0] = put_fadt(aml);
	address[1] = put_mcfg(segment, segments);
	put_roots(address, 2);
	return aml && ecam != MAP_FAILED;
}

uint8_t *board_registers(uint16_t bdf)
{
	return ecam + ((size_t)bdf << 12);
}

void board_function(uint16_t bdf, uint32_t class, unsigned int secondary, unsigned int subordinate)
{
	uint8_t *at = board_registers(bdf);

	put(at, 4, 0x11e81234);
	put(at + 8, 4, class << 8);
	at[0x3d] = 1;
	if (PCI_FUNCTION(bdf))
		board_registers((uint16_t)(bdf & ~7u))[0x0e] |= 0x80;
	if (!secondary)
		return;
	at[0x0e] |= 1;
	at[0x18] = (uint8_t)PCI_BUS(bdf);
	at[0x19] = (uint8_t)secondary;
	at[0x1a] = (uint8_t)subordinate;
}

bool board_start(void)
{
	bool usable = acpi_start(&board_description);

	memset(&board_tree, 0, sizeof(board_tree));
	for (unsigned int i = 0; i < board_description.roots; i++)
		pci_tree_scan(&board_tree, board_description.root[i].bus);
	acpi_routes(&board_tree);
	return usable;
}

void *hardware_map(uint64_t physical, uint64_t size)
{
	if (physical >= TABLES && size <= TABLES_BYTES && physical - TABLES <= TABLES_BYTES - size)
		return tables + (physical - TABLES);
	if (physical >= ecam_base && size <= ECAM_BYTES &&
	    physical - ecam_base <= ECAM_BYTES - size)
		return ecam + (physical - ecam_base);
	board_foreign++;
	return NULL;
}

void hardware_unmap(void *address, uint64_t size)
{
	(void)address;
	(void)size;
}

bool hardware_port_read(uint16_t port, unsigned int size, uint32_t *value)
{
	*value = size == 4 ? 0xffffffffu : (1u << (size * 8)) - 1;
	if (port == PM_CONTROL)
		*value = 1;
	if (port == INDEX_PORT + 1)
		*value = board_indexed[index_register];
	return true;
}

bool hardware_port_write(uint16_t port, unsigned int size, uint32_t value)
{
	(void)size;
	if (port == INDEX_PORT)
		index_register = (uint8_t)value;
	if (port == INDEX_PORT + 1)
		board_indexed[index_register] = (uint8_t)value;
	return true;
}

uint64_t hardware_time_ns(void)
{
	static uint64_t time;

	return time += 1000000;
}

void turn_pause(uint64_t nanoseconds)
{
	(void)nanoseconds;
}

uint64_t hardware_rsdp(void)
{
	return TABLES;
}

void hardware_log_arguments(const char *format, va_list arguments)
{
	vprintf(format, arguments);
}
