/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables that are short, cyclic or lie: start-up says no or goes on with what is left, and
 * comes to an end. Each case runs in a process of its own, on the dump of a machine.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "drivers/platform/acpi.h"
#include "drivers/platform/hardware.h"
#include "machine.h"

#define BIOS 0xe0000
#define BIOS_BYTES 0x20000
#define HEADER_BYTES 36
#define LENGTH 4
#define CHECKSUM 9
#define SECONDS 30
#define RANDOM_CASES 60

struct damage {
	void (*inflict)(uint8_t *table, unsigned int seed);
	unsigned int seed;
};

static uint32_t get(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void put(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static uint8_t *root_table(void)
{
	uint8_t *bios = hardware_map(BIOS, BIOS_BYTES);

	for (unsigned int i = 0; i < BIOS_BYTES; i += 16)
		if (!memcmp(bios + i, "RSD PTR ", 8))
			return hardware_map(get(bios + i + 16), HEADER_BYTES);
	fail_msg("the dump has no RSDP");
	return NULL;
}

static void repair_sum(uint8_t *table)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < get(table + LENGTH); i++)
		sum = (uint8_t)(sum + table[i]);
	table[CHECKSUM] = (uint8_t)(table[CHECKSUM] - sum);
}

static unsigned int entries(const uint8_t *root)
{
	return (get(root + LENGTH) - HEADER_BYTES) / 4;
}

/* Number `index` of those the root table names; after them the root table itself, and the DSDT. */
static uint8_t *table_at(unsigned int index)
{
	uint8_t *root = root_table();

	if (index < entries(root))
		return hardware_map(get(root + HEADER_BYTES + 4 * index), HEADER_BYTES);
	if (index == entries(root))
		return root;
	for (unsigned int i = 0; i < entries(root); i++) {
		uint8_t *table = hardware_map(get(root + HEADER_BYTES + 4 * i), HEADER_BYTES);

		if (!memcmp(table, "FACP", 4))
			return hardware_map(get(table + 40), HEADER_BYTES);
	}
	return NULL;
}

static void run_with(unsigned int index, const struct damage *damage)
{
	static struct acpi_description description;
	static struct pci_tree tree;

	(void)signal(SIGSEGV, SIG_DFL);
	alarm(SECONDS);
	damage->inflict(table_at(index), damage->seed);
	(void)acpi_start(&description);
	for (unsigned int i = 0; i < description.roots; i++)
		pci_tree_scan(&tree, description.root[i].bus);
	acpi_routes(&tree);
	_exit(0);
}

static void check(const struct damage *damage)
{
	unsigned int count = entries(root_table()) + 2;

	for (unsigned int index = 0; index < count; index++) {
		pid_t child;
		int status = 0;

		fflush(stdout);
		child = fork();
		assert_true(child >= 0);
		if (!child) {
			if (!freopen("/dev/null", "w", stdout))
				_exit(1);
			run_with(index, damage);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if (status)
			fail_msg("table %u (%.4s), seed %u: status 0x%x", index,
				 (const char *)table_at(index), damage->seed, (unsigned int)status);
	}
}

static void set_length(uint8_t *table, unsigned int length)
{
	put(table + LENGTH, length);
}

static void set_length_and_sum(uint8_t *table, unsigned int length)
{
	set_length(table, length);
	repair_sum(table);
}

static void lengths_lie(void **state)
{
	static const unsigned int lengths[] = { 0, 1, 8, 35, 36, 37, 0x7fffffff, 0xffffffff };

	(void)state;
	for (unsigned int i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		check(&(struct damage){ set_length, lengths[i] });
	check(&(struct damage){ set_length_and_sum, HEADER_BYTES });
	check(&(struct damage){ set_length_and_sum, HEADER_BYTES + 5 });
}

static void break_sum(uint8_t *table, unsigned int seed)
{
	table[CHECKSUM] = (uint8_t)(table[CHECKSUM] + seed);
}

static void sums_are_wrong(void **state)
{
	(void)state;
	check(&(struct damage){ break_sum, 1 });
}

/* Every entry of the root table, or whatever lies there in another, points to the root table. */
static void point_to_root(uint8_t *table, unsigned int seed)
{
	uint8_t *bios = hardware_map(BIOS, BIOS_BYTES);
	uint32_t root = 0;

	(void)seed;
	for (unsigned int i = 0; i < BIOS_BYTES && !root; i += 16)
		if (!memcmp(bios + i, "RSD PTR ", 8))
			root = get(bios + i + 16);
	for (uint32_t at = HEADER_BYTES; at + 4 <= get(table + LENGTH) && at < 60; at += 4)
		put(table + at, root);
	repair_sum(table);
}

static void tables_name_each_other(void **state)
{
	(void)state;
	check(&(struct damage){ point_to_root, 0 });
}

static void scatter(uint8_t *table, unsigned int seed)
{
	uint32_t length = get(table + LENGTH);

	/* AML is a program of firmware's, which the interpreter runs as it is. */
	if (!memcmp(table, "DSDT", 4))
		return;
	srand(seed);
	for (unsigned int i = 0; i < 1 + seed % 8; i++)
		table[HEADER_BYTES + (unsigned int)rand() % (length - HEADER_BYTES)] =
			(uint8_t)rand();
	repair_sum(table);
}

static void contents_are_garbage(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= RANDOM_CASES; seed++)
		check(&(struct damage){ scatter, seed });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_lie),
		cmocka_unit_test(sums_are_wrong),
		cmocka_unit_test(tables_name_each_other),
		cmocka_unit_test(contents_are_garbage),
	};

	if (!machine_load("q35"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
