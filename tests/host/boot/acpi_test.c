// SPDX-License-Identifier: MIT
/* ACPI tables: good ones are read, broken ones are left out, nothing outside is touched. */
#include "test.h"

#include "arch/acpi.h"
#include "arch/boot.h"
#include "debug/log.h"

/* Physical memory of the test: one block for each table, so that a read beyond it is found. */
#define BLOCKS 8
static struct {
	uint64_t address, size;
	uint8_t *data;
} blocks[BLOCKS];
static unsigned int block_count;
static uint64_t largest_mapping;
static bool searching; /* reads anywhere below 1 MiB give zeros */

void *direct_map_firmware(uint64_t address, uint64_t bytes)
{
	static uint8_t zeros[64];

	largest_mapping = bytes > largest_mapping ? bytes : largest_mapping;
	for (unsigned int i = 0; i < block_count; i++)
		if (address >= blocks[i].address &&
		    address + bytes <= blocks[i].address + blocks[i].size)
			return blocks[i].data + (address - blocks[i].address);
	assert_true(searching && address < 0x100000 && bytes <= sizeof(zeros));
	return zeros;
}

void log_print(const char *format, ...)
{
	(void)format;
}

static uint8_t *block(uint64_t address, uint64_t size)
{
	blocks[block_count].address = address;
	blocks[block_count].size = size;
	blocks[block_count].data = calloc(1, size);
	return blocks[block_count++].data;
}

static void store32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, 4);
}

static void seal(uint8_t *data, size_t bytes, size_t checksum)
{
	uint8_t sum = 0;

	data[checksum] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + data[i]);
	data[checksum] = (uint8_t)-sum;
}

#define RSDP 0xf0000
#define RSDT 0x7000000
#define MADT 0x7001000
#define HPET 0x7002000

static uint8_t *madt;
static size_t madt_bytes;

static void madt_entry(uint8_t type, uint8_t length, uint32_t at4, uint32_t at8)
{
	uint8_t *entry = madt + madt_bytes;

	entry[0] = type;
	entry[1] = length;
	if (length >= 8)
		store32(entry + 4, at4);
	if (length >= 12)
		store32(entry + 8, at8);
	madt_bytes += length;
}

static void madt_done(void)
{
	memcpy(madt, "APIC", 4);
	store32(madt + 4, (uint32_t)madt_bytes);
	store32(madt + 36, 0xfee00000);
	seal(madt, madt_bytes, 9);
}

static void processor(uint8_t apic_id, uint32_t flags)
{
	madt_entry(0, 8, flags, 0);
	madt[madt_bytes - 8 + 3] = apic_id;
}

static int setup(void **state)
{
	(void)state;
	acpi = (struct acpi){ .local_apic = 0xfee00000, .nmi_lint = 1 };
	searching = false;
	uint8_t *rsdp = block(RSDP, 36);
	memcpy(rsdp, "RSD PTR ", 8);
	store32(rsdp + 16, RSDT);
	seal(rsdp, 20, 8);
	uint8_t *rsdt = block(RSDT, 44);
	memcpy(rsdt, "RSDT", 4);
	store32(rsdt + 4, 44);
	store32(rsdt + 36, MADT);
	store32(rsdt + 40, HPET);
	seal(rsdt, 44, 9);
	uint8_t *hpet = block(HPET, 56);
	memcpy(hpet, "HPET", 4);
	store32(hpet + 4, 56);
	store32(hpet + 44, 0xfed00000);
	seal(hpet, 56, 9);
	madt = block(MADT, 256);
	madt_bytes = 44;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (block_count > 0)
		free(blocks[--block_count].data);
	return 0;
}

static void good_tables(void **state)
{
	(void)state;
	processor(0, 1);
	processor(2, 1);
	processor(4, 0); /* not there */
	madt_entry(1, 12, 0xfec00000, 24);
	madt_entry(4, 6, 0, 0);
	madt[madt_bytes - 1] = 0;
	madt_done();
	assert_int_equal(acpi_init(RSDP), RSDP);
	assert_int_equal(acpi.processors, 2);
	assert_int_equal(acpi.apic_id[1], 2);
	assert_int_equal(acpi.ioapics, 1);
	assert_int_equal(acpi.ioapic[0].address, 0xfec00000);
	assert_int_equal(acpi.ioapic[0].gsi_base, 24);
	assert_int_equal(acpi.hpet, 0xfed00000);
	assert_int_equal(acpi.nmi_lint, 0);
}

static void processor_listed_twice(void **state)
{
	(void)state;
	processor(3, 1);
	madt_entry(9, 16, 3, 1);
	madt_entry(9, 16, 300, 1);
	madt_done();
	acpi_init(RSDP);
	assert_int_equal(acpi.processors, 2);
	assert_int_equal(acpi.apic_id[1], 300);
}

static void entry_longer_than_table(void **state)
{
	(void)state;
	processor(0, 1);
	madt_entry(1, 12, 0xfec00000, 0);
	madt[madt_bytes - 11] = 200;
	madt_done();
	acpi_init(RSDP);
	assert_int_equal(acpi.processors, 1);
	assert_int_equal(acpi.ioapics, 0);
}

static void entry_of_no_length(void **state)
{
	(void)state;
	processor(0, 1);
	madt_entry(0, 0, 0, 0);
	madt_bytes += 8;
	processor(1, 1);
	madt_done();
	acpi_init(RSDP);
	assert_int_equal(acpi.processors, 1);
}

static void wrong_sum(void **state)
{
	(void)state;
	processor(0, 1);
	madt_done();
	madt[50]++;
	acpi_init(RSDP);
	assert_int_equal(acpi.processors, 0);
	assert_int_equal(acpi.hpet, 0xfed00000);
}

static void wrong_lengths(void **state)
{
	(void)state;
	madt_done();
	store32(madt + 4, 0xffffffff);
	acpi_init(RSDP);
	store32(madt + 4, 10);
	acpi_init(RSDP);
	assert_int_equal(acpi.processors, 0);
}

/* What firmware calls an address cannot all be mapped: such tables are left out, the rest is read.
 */
static void tables_nowhere(void **state)
{
	uint8_t *rsdp = block(RSDP + 0x100, 36), *xsdt = block(RSDT + 0x100, 52);
	uint64_t nowhere = 0xfedcba9876543210, root = RSDT + 0x100, table = MADT;

	(void)state;
	processor(0, 1);
	madt_done();
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	store32(rsdp + 20, 36);
	memcpy(rsdp + 24, &root, 8);
	seal(rsdp, 20, 8);
	seal(rsdp, 36, 32);
	memcpy(xsdt, "XSDT", 4);
	store32(xsdt + 4, 52);
	memcpy(xsdt + 36, &nowhere, 8);
	memcpy(xsdt + 44, &table, 8);
	seal(xsdt, 52, 9);
	assert_int_equal(acpi_init(RSDP + 0x100), RSDP + 0x100);
	assert_int_equal(acpi.processors, 1);
	assert_int_equal(acpi_init(nowhere), 0);
}

/* All of a root pointer is mapped before it is summed up: it may end its page, or not be there. */
static void root_pointer_longer_than_mapped(void **state)
{
	uint8_t *rsdp = block(RSDP + 0x100, 64);

	(void)state;
	madt_done();
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	store32(rsdp + 20, 64);
	rsdp[63] = 1;
	seal(rsdp, 20, 8);
	seal(rsdp, 64, 32);
	largest_mapping = 0;
	searching = true; /* its root table: address 0 */
	assert_int_equal(acpi_init(RSDP + 0x100), RSDP + 0x100);
	assert_int_equal(largest_mapping, 64);
}

static void found_by_search(void **state)
{
	(void)state;
	searching = true;
	processor(0, 1);
	madt_done();
	assert_int_equal(acpi_init(0), RSDP);
	assert_int_equal(acpi.processors, 1);
}

static void none_found(void **state)
{
	(void)state;
	searching = true;
	blocks[0].data[8]++; /* the root pointer's sum */
	assert_int_equal(acpi_init(0), 0);
	assert_int_equal(acpi_init(RSDP), 0);
}

#define TABLES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
TEST_MAIN(TABLES_TEST(good_tables), TABLES_TEST(processor_listed_twice),
	  TABLES_TEST(entry_longer_than_table), TABLES_TEST(entry_of_no_length),
	  TABLES_TEST(wrong_sum), TABLES_TEST(wrong_lengths), TABLES_TEST(found_by_search),
	  TABLES_TEST(none_found), TABLES_TEST(tables_nowhere),
	  TABLES_TEST(root_pointer_longer_than_mapped))
