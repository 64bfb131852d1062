// SPDX-License-Identifier: MIT
/*
 * The kernel's reader of static ACPI tables, kernel/arch/x86_64/boot/acpi.c: only what was mapped
 * is read, no table lies outside of itself, and what is learnt fits.
 */
#include "blocks.h"

#include "arch/acpi.h"
#include "arch/boot.h"
#include "arch/layout.h"
#include "debug/log.h"

#define BLOCKS 8
#define BLOCK_BYTES 0x600
#define RSDP 0xf0000
#define REACH_END ((uint64_t)DIRECT_MAP_SLOTS << 39)

static struct {
	uint64_t address, bytes;
	uint8_t *data;
} blocks[BLOCKS];
static unsigned int block_count;
/* What is mapped at present: a copy of exactly so many bytes, so that a read beyond it is seen. */
static uint8_t *mapped[8192];
static unsigned int mapped_count;

static void copy_block(uint8_t *to, uint64_t address, uint64_t bytes, unsigned int index)
{
	uint64_t start = blocks[index].address, end = start + blocks[index].bytes;
	uint64_t from = address > start ? address : start;
	uint64_t last = address + bytes < end ? address + bytes : end;

	if (from < last)
		memcpy(to + (from - address), blocks[index].data + (from - start), last - from);
}

void *direct_map_firmware(uint64_t address, uint64_t bytes)
{
	uint8_t *copy;

	MUST(bytes && bytes <= 1u << 20 && address < REACH_END && bytes <= REACH_END - address);
	MUST(mapped_count < sizeof(mapped) / sizeof(mapped[0]));
	copy = calloc(1, bytes);
	for (unsigned int i = 0; i < block_count; i++)
		copy_block(copy, address, bytes, i);
	mapped[mapped_count++] = copy;
	return copy;
}

void log_print(const char *format, ...)
{
	(void)format;
}

static void seal(uint8_t *data, size_t bytes, size_t at)
{
	uint8_t sum = 0;

	data[at] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + data[i]);
	data[at] = (uint8_t)-sum;
}

static uint64_t some_address(struct input *input)
{
	unsigned int number = input_byte(input);

	return number < 248 ? 0x7000000 + (number % 6) * 0x1000 + (number >> 6) * 4 :
			      input_number(input);
}

static void put_root(struct input *input, uint8_t *data, size_t bytes, unsigned int entry)
{
	memcpy(data, entry == 8 ? "XSDT" : "RSDT", 4);
	for (size_t at = 36; at + entry <= bytes; at += entry) {
		uint64_t address = some_address(input);

		memcpy(data + at, &address, entry);
	}
}

static void put_madt(struct input *input, uint8_t *data, size_t bytes)
{
	static const uint8_t lengths[] = { 8, 12, 0, 0, 6, 12, 0, 0, 0, 16 };
	size_t at = 44;

	memcpy(data, "APIC", 4);
	while (at + 16 <= bytes && input->left) {
		uint8_t type = (uint8_t)input_choice(input, 10);

		input_fill(input, data + at, 16);
		data[at] = type;
		data[at + 1] = input_byte(input) < 230 ? lengths[type] : input_byte(input);
		at += data[at + 1] ? data[at + 1] : 2;
	}
}

/* A table of the right sum, unless the input wants another length or sum. */
static void put_table(struct input *input, unsigned int index, unsigned int entry)
{
	size_t bytes = 36 + input_bytes(input, 2) % (BLOCK_BYTES - 36);
	uint8_t *data = calloc(1, bytes);
	unsigned int kind = index ? input_choice(input, 4) : 0, odd;
	uint32_t length = (uint32_t)bytes;

	switch (kind) {
	case 0:
		put_root(input, data, bytes, entry);
		break;
	case 1:
		put_madt(input, data, bytes);
		break;
	case 2:
		memcpy(data, "HPET", 4);
		input_fill(input, data + 36, bytes - 36 < 20 ? bytes - 36 : 20);
		break;
	default:
		input_fill(input, data, 36);
	}
	odd = input_byte(input);
	if (odd > 240)
		length = (uint32_t)input_number(input) & 0x3fff;
	else if (odd > 200) /* it ends within an entry */
		length -= odd - 200;
	memcpy(data + 4, &length, 4);
	seal(data, length < bytes ? length : bytes, 9);
	data[9] = (uint8_t)(data[9] + (odd == 240));
	blocks[block_count].address = 0x7000000 + index * 0x1000;
	blocks[block_count].bytes = bytes;
	blocks[block_count++].data = data;
}

static void put_rsdp(struct input *input, unsigned int revision)
{
	size_t bytes = 36 + input_choice(input, 64);
	uint8_t *data = calloc(1, bytes);
	uint32_t root = 0x7000000, length = input_bit(input) ? 36 : (uint32_t)input_number(input);
	uint64_t wide = 0x7000000;

	memcpy(data, "RSD PTR ", 8);
	data[15] = (uint8_t)revision;
	memcpy(data + 16, &root, 4);
	memcpy(data + 20, &length, 4);
	memcpy(data + 24, &wide, 8);
	seal(data, 20, 8);
	seal(data, length < bytes ? length : bytes, 32);
	blocks[block_count].address = RSDP;
	blocks[block_count].bytes = bytes;
	blocks[block_count++].data = data;
}

static void forget(void)
{
	while (block_count)
		free(blocks[--block_count].data);
	while (mapped_count)
		free(mapped[--mapped_count]);
	acpi = (struct acpi){ .local_apic = 0xfee00000, .nmi_lint = 1 };
}

static void check(void)
{
	MUST(acpi.hpet < REACH_END && acpi.local_apic < REACH_END);
	MUST(acpi.processors <= CPU_MAX && acpi.ioapics <= ACPI_IOAPICS && acpi.nmi_lint <= 1);
	for (unsigned int i = 0; i < acpi.processors; i++)
		for (unsigned int j = 0; j < i; j++)
			MUST(acpi.apic_id[i] != acpi.apic_id[j]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = { bytes, size };
	unsigned int revision = input_choice(&input, 4), tables = 1 + input_choice(&input, 6);

	forget();
	put_rsdp(&input, revision);
	for (unsigned int i = 0; i < tables; i++)
		put_table(&input, i, revision >= 2 ? 8 : 4);
	(void)acpi_init(RSDP);
	check();
	forget();
	return 0;
}
