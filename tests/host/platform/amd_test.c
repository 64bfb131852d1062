/* SPDX-License-Identifier: MIT */
/* AMD's IOMMU by a model of it: what devices reach at each moment, and what is left when it goes
 * wrong. */
#include "drivers/platform/amd.h"
#include "drivers/platform/amd_registers.h"
#include "drivers/platform/amd_remap.h"
#include "fake_amd.h"
#include "iommu_support.h"

#define UNIT(index) PCI_BDF(0, 1, index)
#define IOAPIC(id) PCI_BDF(0, 0x14, id)
#define CAPABILITY 0x40

static struct ivrs ivrs;
static struct fake_function *unit_function[FAKE_AMD_UNITS];

static void build_machine(void)
{
	fake_pci_clear();
	for (unsigned int i = 0; i < FAKE_AMD_UNITS; i++) {
		unit_function[i] = add_with_msi(UNIT(i), 0x1419, 0x080600);
		fake_set(unit_function[i], 0x0e, 1, 0x80, 0, 0);
		fake_capability(unit_function[i], CAPABILITY, AMD_CAPABILITY);
		fake_set(unit_function[i], CAPABILITY + 2, 2, 0x0803, 0, 0);
	}
	add_functions();
}

static void build_ivrs(void)
{
	ivrs = (struct ivrs){ .units = FAKE_AMD_UNITS, .ranges = 3, .specials = 2 };
	for (unsigned int i = 0; i < FAKE_AMD_UNITS; i++)
		ivrs.unit[i] = (struct ivrs_unit){ .registers = FAKE_AMD_AT + i * MEBIBYTE,
						   .bdf = UNIT(i),
						   .capability = CAPABILITY };
	ivrs.unit[0].ranges = 2;
	ivrs.unit[1].first_range = 2;
	ivrs.unit[1].ranges = 1;
	ivrs.unit[1].specials = 2;
	ivrs.range[0] = (struct ivrs_range){ .first = 0, .last = NIC };
	ivrs.range[1] = (struct ivrs_range){ .first = PCI_BDF(0, 6, 0), .last = PCI_BDF(1, 31, 7) };
	ivrs.range[2] = (struct ivrs_range){ .first = DISK, .last = DISK };
	for (uint8_t i = 0; i < 2; i++)
		ivrs.special[i] = (struct ivrs_special){ IVRS_IOAPIC, (uint8_t)(i + 1), IOAPIC(i) };
}

static enum iommu_start start(void)
{
	return amd_start(&ivrs, &server.tree, &server.acpi);
}

static int prepare_stopped(void **state)
{
	(void)state;
	fake_core_clear();
	fake_tables_clear();
	fake_amd_clear();
	build_machine();
	build_ivrs();
	server_scan();
	return 0;
}

static int prepare(void **state)
{
	(void)prepare_stopped(state);
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(server.dma->watch(1), PURLIN_OK);
	return 0;
}

static uint64_t nic_reaches(uint64_t address)
{
	return fake_amd_access(0, NIC, address, true);
}

uint64_t model_message(uint16_t source, uint64_t address, uint32_t data)
{
	return fake_amd_message(0, source, address, data);
}

/* Numbers beyond the table, too, and those of the units themselves. */
static void nothing_passes_at_first(void **state)
{
	(void)state;
	for (unsigned int bdf = 0; bdf < 0x10000; bdf++)
		for (unsigned int unit = 0; unit < FAKE_AMD_UNITS; unit++)
			assert_int_equal(fake_amd_access(unit, (uint16_t)bdf, 0x1000, bdf & 1),
					 NOWHERE);
}

/* The positive control: before the units begin, everything does. */
static void everything_passes_before(void **state)
{
	(void)state;
	assert_int_equal(nic_reaches(0x1000), 0x1000);
	assert_int_equal(fake_amd_message(0, NIC, 0xfee03000, 0x35), 0x335);
	assert_int_equal(fake_amd_message(0, NIC, 0xfee03000, 0x400), 0x40300);
}

static void devices_reach_what_is_attached(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	for (uint64_t at = 0; at < MEBIBYTE; at += 0x1000)
		assert_int_equal(nic_reaches(at + 5), MEMORY(50) + at + 5);
	assert_int_equal(nic_reaches(MEBIBYTE), NOWHERE);
	assert_int_equal(nic_reaches(MEMORY(50)), NOWHERE);
	assert_int_equal(nic_reaches(1ull << 48), NOWHERE);
	assert_int_equal(nic_reaches(1ull << 63), NOWHERE);
	assert_int_equal(fake_amd_access(1, NIC, 0, true), NOWHERE);
	assert_int_equal(fake_amd_access(1, DISK, 0, true), NOWHERE);
	/* Odd slots are memory without WRITE. */
	assert_int_equal(lend(1, 51, 0x200000), PURLIN_OK);
	assert_int_equal(fake_amd_access(0, NIC, 0x200000, false), MEMORY(51));
	assert_int_equal(nic_reaches(0x200000), NOWHERE);
}

static void large_entries_are_used(void **state)
{
	unsigned int before;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	before = fake_table_pages;
	fake_pin_pages = 1 << 20;
	assert_int_equal(lend(1, 50, 0x100000000), PURLIN_OK);
	assert_in_range(fake_table_pages - before, 4, 8);
	assert_int_equal(nic_reaches(0x100000000), MEMORY(50));
	assert_int_equal(nic_reaches(0x1fffff123), MEMORY(50) + 0xfffff123);
	assert_int_equal(nic_reaches(0x200000000), NOWHERE);
	assert_int_equal(take_back(1, 0x100000000), PURLIN_OK);
	assert_int_equal(nic_reaches(0x100000000), NOWHERE);
	fake_pin_pages = 1;
	assert_int_equal(lend(1, 52, 0x100001000), PURLIN_OK);
	assert_int_equal(nic_reaches(0x100001000), MEMORY(52));
	assert_int_equal(nic_reaches(0x100000000), NOWHERE);
}

static void neighbours_have_the_same_addresses(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(claim(2, DISK), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(lend(2, 60, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0x5000), MEMORY(50) + 0x5000);
	assert_int_equal(fake_amd_access(1, DISK, 0x5000, true), MEMORY(60) + 0x5000);
	assert_true(close_session(&server, 1));
	assert_int_equal(nic_reaches(0x5000), NOWHERE);
	assert_int_equal(fake_amd_access(1, DISK, 0x5000, true), MEMORY(60) + 0x5000);
}

/* The unit has cached all of it. */
static void detached_memory_is_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(lend(1, 52, MEBIBYTE), PURLIN_OK);
	assert_int_equal(nic_reaches(0x3000), MEMORY(50) + 0x3000);
	fake_events[0] = 0;
	assert_int_equal(take_back(1, 0), PURLIN_OK);
	assert_string_equal(fake_events, "a");
	assert_int_equal(nic_reaches(0x3000), NOWHERE);
	assert_int_equal(nic_reaches(MEBIBYTE), MEMORY(52));
	assert_int_equal(lend(1, 54, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0x3000), MEMORY(54) + 0x3000);
}

/* There are fewer numbers of domains, and entries for messages, than lives here. */
static void sessions_leave_nothing(void **state)
{
	unsigned int after_first = 0;

	(void)state;
	for (unsigned int i = 0; i < 10000; i++) {
		assert_int_equal(claim(1, NIC), PURLIN_OK);
		assert_int_equal(lend(1, 50, 0), PURLIN_OK);
		assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
		(void)nic_reaches(0);
		assert_true(close_session(&server, 1));
		if (!i)
			after_first = fake_table_pages;
	}
	assert_int_equal(fake_table_pages, after_first);
}

/* Every allocation fails once; nothing is left of what failed but the table of its messages. */
static void every_lack_of_memory_is_told(void **state)
{
	(void)state;
	for (unsigned int left = 0; left < 6; left++) {
		fake_table_most = left;
		if (!claim(1, NIC)) {
			if (lend(1, 50, 0x40000000 - MEBIBYTE / 2))
				assert_int_equal(nic_reaches(0x40000000), NOWHERE);
			assert_true(close_session(&server, 1));
		}
		assert_int_equal(nic_reaches(0x40000000), NOWHERE);
		assert_null(pci_tree_find(&server.tree, NIC)->owner);
	}
	fake_table_most = 1000;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0x40000000 - MEBIBYTE / 2), PURLIN_OK);
	assert_int_equal(nic_reaches(0x40000000), MEMORY(50) + MEBIBYTE / 2);
}

/* Of any kind: fixed, system management, NMI, INIT, external. */
static void only_allocated_messages_pass(void **state)
{
	uint64_t vector;

	(void)state;
	assert_non_null(strstr(fake_log, "interrupts remapped"));
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (unsigned int i = 0; i < 0x1000; i++)
		assert_int_equal(fake_amd_message(0, NIC, 0xfee00000 | i << 8, i), NOWHERE);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	vector = nic_sends(NIC);
	assert_in_range(vector, 0x40, 0x7f);
	assert_int_equal(nic_sends(DISK), NOWHERE);
	assert_int_equal(nic_sends(PCI_BDF(0, 4, 1)), NOWHERE);
	assert_int_equal(nic_sends(LEFT), NOWHERE);
	for (unsigned int i = 1; i < 0x800; i++)
		assert_int_equal(fake_amd_message(0, NIC, 0xfee00000, i), NOWHERE);
}

static void freed_messages_cause_nothing(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	assert_int_not_equal(nic_sends(NIC), NOWHERE);
	fake_events[0] = 0;
	assert_int_equal(message(PCI_MSI_FREE), PURLIN_OK);
	assert_string_equal(fake_events, "g");
	assert_int_equal(fake_amd_message(0, NIC, 0xfee00000, 0), NOWHERE);
}

/* The vector may still be caused: nobody else gets it, nor the entry. */
static void unconfirmed_messages_are_kept(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	assert_int_not_equal(nic_sends(NIC), NOWHERE);
	fake_amd[0].deaf = true;
	fake_events[0] = 0;
	assert_int_equal(message(PCI_MSI_FREE), PURLIN_OK);
	assert_string_equal(fake_events, "");
	assert_int_not_equal(fake_amd_message(0, NIC, 0xfee00000, 0), NOWHERE);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_NO_DEVICE);
	assert_true(close_session(&server, 1));
	assert_int_equal(claim(1, NIC), PURLIN_BUSY);
}

static void lines_have_tables_of_their_own(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 256; i++)
		assert_int_equal(fake_amd_message(1, IOAPIC(0), 0xfee00000, i), 0x2100 | i);
	assert_int_equal(fake_amd_message(1, IOAPIC(1), 0xfee00000, 0x35), 0x2135);
	assert_int_equal(fake_amd_message(1, IOAPIC(0), 0xfee00000, 0x435), NOWHERE);
	assert_int_equal(fake_amd_message(1, IOAPIC(2), 0xfee00000, 0x35), NOWHERE);
	assert_int_equal(fake_amd_message(0, IOAPIC(0), 0xfee00000, 0x35), NOWHERE);
	assert_int_equal(fake_amd_access(1, IOAPIC(0), 0x1000, true), NOWHERE);
	/* And go on when the unit is taken over. */
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(fake_amd_message(1, IOAPIC(0), 0xfee00000, 0x35), 0x2135);
	assert_int_equal(fake_amd_message(1, DISK, 0xfee00000, 0x35), NOWHERE);
}

static void behind_a_bridge_all_numbers_have_one_table(void **state)
{
	struct message_interrupt interrupt = { .address = 0xfee03000,
					       .data = 0x77,
					       .function = pci_tree_find(&server.tree, LEFT) };

	(void)state;
	assert_int_equal(claim(1, LEFT), PURLIN_OK);
	assert_int_equal(amd_remap_message(&amd.unit[0], interrupt.function, &interrupt),
			 PURLIN_OK);
	assert_int_equal(fake_amd_message(0, LEFT, 0xfee00000, interrupt.data), 0x377);
	assert_int_equal(fake_amd_message(0, PCI_BDF(2, 0, 0), 0xfee00000, interrupt.data), 0x377);
	assert_int_equal(fake_amd_message(0, PCI_BDF(2, 3, 0), 0xfee00000, interrupt.data),
			 NOWHERE);
	assert_int_equal(fake_amd_message(0, NIC, 0xfee00000, interrupt.data), NOWHERE);
	assert_true(amd_remap_end(&amd.unit[0], &interrupt));
	assert_int_equal(fake_amd_message(0, LEFT, 0xfee00000, interrupt.data), NOWHERE);
	assert_int_equal(fake_amd_message(0, PCI_BDF(2, 0, 0), 0xfee00000, interrupt.data),
			 NOWHERE);
}

static void entries_run_out(void **state)
{
	static struct message_interrupt interrupts[512];
	struct message_interrupt more = { .data = 0x50 };
	const struct pci_function *function = pci_tree_find(&server.tree, NIC);
	unsigned int count = 0;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (; count < 512; count++) {
		interrupts[count] =
			(struct message_interrupt){ .data = count & 0xff, .function = function };
		assert_int_equal(amd_remap_message(&amd.unit[0], function, &interrupts[count]),
				 PURLIN_OK);
		assert_int_equal(fake_amd_message(0, NIC, 0xfee00000, interrupts[count].data),
				 count & 0xff);
	}
	assert_int_equal(amd_remap_message(&amd.unit[0], function, &more), PURLIN_NO_DEVICE);
	while (count--)
		assert_true(amd_remap_end(&amd.unit[0], &interrupts[count]));
	assert_int_equal(amd_remap_message(&amd.unit[0], function, &more), PURLIN_OK);
}

static void expect_not_remapped(const char *reason)
{
	fake_log[0] = 0;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_non_null(strstr(fake_log, reason));
	assert_int_equal(fake_amd_message(0, NIC, 0xfee03000, 0x35), 0x335);
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	assert_int_not_equal(nic_sends(NIC), NOWHERE);
	assert_true(close_session(&server, 1));
}

/* All devices' messages pass then, as without an IOMMU; DMA is confined all the same. */
static void remapping_may_be_impossible(void **state)
{
	(void)state;
	fake_ioapics = 0;
	expect_not_remapped("not known");
	fake_ioapics = 3;
	expect_not_remapped("behind no unit");
}

static void numbers_may_be_those_of_others(void **state)
{
	(void)state;
	ivrs.range[0].last = NIC - 1;
	ivrs.range[ivrs.ranges++] = (struct ivrs_range){ NIC, NIC, 0, true, PCI_BDF(0, 9, 0) };
	ivrs.unit[1].first_range = 2;
	ivrs.unit[0].first_range = 0;
	/* The ranges of unit 0 are the first two: the alias takes the place of the second. */
	ivrs.range[1] = ivrs.range[3];
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
	assert_int_equal(fake_amd_access(0, PCI_BDF(0, 9, 0), 0, true), MEMORY(50));
	assert_int_not_equal(nic_sends(PCI_BDF(0, 9, 0)), NOWHERE);
	assert_true(close_session(&server, 1));
	assert_int_equal(fake_amd_access(0, PCI_BDF(0, 9, 0), 0, true), NOWHERE);
}

static void functions_behind_one_bridge_stay_together(void **state)
{
	(void)state;
	assert_int_equal(claim(1, LEFT), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(fake_amd_access(0, PCI_BDF(2, 0, 0), 0x1000, true), MEMORY(50) + 0x1000);
	assert_int_equal(fake_amd_access(0, PCI_BDF(1, 0, 0), 0x1000, true), MEMORY(50) + 0x1000);
	assert_int_equal(claim(2, RIGHT), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "same address before the IOMMU"));
	assert_int_equal(fake_amd_access(0, PCI_BDF(2, 0, 0), 0x1000, true), MEMORY(50) + 0x1000);
	assert_true(close_session(&server, 1));
	assert_int_equal(fake_amd_access(0, PCI_BDF(2, 0, 0), 0x1000, true), NOWHERE);
	assert_int_equal(claim(2, RIGHT), PURLIN_OK);
}

/* A function at the number of an I/O APIC would have its messages. */
static void what_is_special_keeps_its_number(void **state)
{
	(void)state;
	ivrs.special[1].source = NIC;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(claim(1, NIC), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "I/O APIC"));
	assert_int_equal(claim(1, UNIT(0)), PURLIN_NO_DEVICE);
}

static void reserved_memory_keeps_a_function(void **state)
{
	(void)state;
	ivrs.regions = 1;
	ivrs.region[0] = (struct ivrs_region){ 0x1000, 0x1fff, DISK, DISK };
	assert_int_equal(claim(1, DISK), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "firmware reserves memory"));
	pci_tree_find(&server.tree, DISK)->class_revision = 0x0c033000;
	assert_int_equal(claim(1, DISK), PURLIN_OK);
	assert_int_equal(fake_amd_access(1, DISK, 0x1000, true), NOWHERE);
}

/* A range that firmware had excluded from translation. */
static void nothing_is_excluded(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FAKE_AMD_UNITS; i++) {
		fake_amd[i].registers[0x20 / 8] = 0x1003;
		fake_amd[i].registers[0x28 / 8] = 0x5fff;
		fake_amd[i].registers[0x18 / 8] = 1;
	}
	assert_int_equal(nic_reaches(0x2000), 0x2000);
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(nic_reaches(0x2000), NOWHERE);
	assert_int_equal(fake_amd[0].registers[0x20 / 8], 0);
}

static void a_function_without_a_unit_is_refused(void **state)
{
	(void)state;
	ivrs.unit[0].ranges = 0;
	assert_int_equal(claim(1, NIC), PURLIN_NO_RIGHT);
	assert_int_equal(claim(2, DISK), PURLIN_OK);
}

static void absent_entries_may_be_cached(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FAKE_AMD_UNITS; i++) {
		fake_amd[i].cached_absent = true;
		fake_set(unit_function[i], CAPABILITY + 2, 2, 0x0c03, 0, 0);
	}
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_non_null(strstr(fake_log, "absent entries cached"));
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(fake_amd_message(0, NIC, 0xfee00000, 0), NOWHERE);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
	assert_int_not_equal(nic_sends(NIC), NOWHERE);
}

static void transfers_cost_no_command(void **state)
{
	unsigned int commands;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	commands = fake_amd[0].commands;
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(nic_reaches(i * 64), MEMORY(50) + i * 64);
	assert_int_equal(fake_amd[0].commands, commands);
}

/* One that does not confirm: its device and the memory go to nobody; the other unit works on. */
static void a_deaf_unit_keeps_what_it_has(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(claim(2, DISK), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(lend(2, 60, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
	fake_amd[0].deaf = true;
	fake_events[0] = 0;
	assert_int_equal(take_back(1, 0), PURLIN_OK);
	assert_string_equal(fake_events, "");
	/* The positive control: it does reach the memory still. */
	assert_int_equal(nic_reaches(0), MEMORY(50));
	/* What it confirms later, for others, is not taken for an answer to that. */
	fake_amd[0].deaf = false;
	assert_true(close_session(&server, 1));
	assert_string_equal(fake_events, "");
	assert_non_null(strstr(fake_log, "not confirmed"));
	assert_int_equal(claim(1, NIC), PURLIN_BUSY);
	assert_int_equal(claim(1, LEFT), PURLIN_NO_RIGHT);
	assert_true(close_session(&server, 2));
	assert_string_equal(fake_events, "a");
	assert_int_equal(claim(2, DISK), PURLIN_OK);
}

/* It stops at a command that it does not know: that is noticed at once. */
static void a_stopped_queue_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	fake_amd[0].registers[0x2020 / 8] &= ~0x10ull;
	fake_events[0] = 0;
	assert_int_equal(take_back(1, 0), PURLIN_OK);
	assert_string_equal(fake_events, "");
	assert_non_null(strstr(fake_log, "not confirmed"));
}

static void what_is_stopped_is_reported(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	fake_amd[0].interrupts = 0;
	assert_int_equal(nic_reaches(0x7123), NOWHERE);
	assert_int_equal(fake_amd[0].interrupts, 1);
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "00:04.0 of 'one' was stopped at 0x7123 (write, 0x20)"));
	fake_log[0] = 0;
	assert_false(pci_faults_note(&server));
	assert_string_equal(fake_log, "");
	assert_int_equal(fake_amd_access(0, RIGHT, 0, false), NOWHERE);
	assert_int_equal(fake_amd[0].interrupts, 2);
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "02:02.0 of 'nobody' was stopped at 0x0 (read, 0x20)"));
	assert_int_equal(fake_amd_message(0, NIC, 0xfee00000, 5), NOWHERE);
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "it is no message that was allocated for it"));
	/* The unit's own function sends the message, and is bus master for that. */
	assert_true(fake_get(unit_function[0], 4, 2) & COMMAND_MASTER);
	assert_true(fake_get(unit_function[0], MSI + 2, 2) & MSI_ENABLE);
}

/* After an overflow, too. */
static void one_device_cannot_fill_the_log(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (unsigned int i = 0; i < 1000; i++)
		(void)nic_reaches(0x7000);
	assert_true(fake_amd[0].registers[0x2020 / 8] & 1);
	while (pci_faults_note(&server))
		;
	assert_int_equal(server.sessions->fault.count, 255);
	assert_false(fake_amd[0].registers[0x2020 / 8] & 1);
	/* It is not watched any more: neither its memory nor its messages. */
	for (unsigned int i = 0; i < 1000; i++) {
		(void)nic_reaches(0x8000);
		(void)fake_amd_message(0, NIC, 0xfee00000, 7);
	}
	assert_int_equal(fake_amd[0].registers[0x2018 / 8], 0);
	assert_int_equal(fake_amd_access(0, RIGHT, 0, true), NOWHERE);
	fake_log[0] = 0;
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "02:02.0"));
}

static void a_unit_at_work_is_taken_over(void **state)
{
	static struct pci_session *volatile before;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
	/* The life before ends here, and with it what it knew. */
	before = server.sessions;
	assert_non_null(before);
	server.sessions = NULL;
	pci_tree_find(&server.tree, NIC)->owner = NULL;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
}

/* Nothing of it may be used anew: the component must not announce itself. */
static void a_unit_at_work_that_is_deaf_is_held(void **state)
{
	(void)state;
	fake_amd[1].deaf = true;
	assert_int_equal(start(), IOMMU_HELD);
	fake_amd[1].deaf = false;
	fake_amd[1].stubborn = true;
	assert_int_equal(start(), IOMMU_HELD);
	fake_amd[1].stubborn = false;
	fake_table_most = 1;
	assert_int_equal(start(), IOMMU_HELD);
}

static void units_that_lack_something_are_left_alone(void **state)
{
	(void)state;
	fake_set(unit_function[0], CAPABILITY + 2, 2, 0x0802, 0, 0);
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_non_null(strstr(fake_log, "does not describe it"));
	assert_int_equal(claim(1, NIC), PURLIN_NO_RIGHT);
	assert_int_equal(claim(2, DISK), PURLIN_OK);
	assert_true(close_session(&server, 2));
	ivrs.unit[1].capability = 0x41;
	fake_amd_clear();
	assert_int_equal(start(), IOMMU_NONE);
}

/* Old ones forget one thing at a time. */
static void units_without_flush_of_everything_do(void **state)
{
	(void)state;
	(void)nic_reaches(0);
	for (unsigned int i = 0; i < FAKE_AMD_UNITS; i++)
		fake_amd[i].registers[0x30 / 8] = 0;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
}

/* The southbridge may stop clocks while it belongs to nobody. */
static void management_of_power_passes(void **state)
{
	const uint64_t *entry;

	(void)state;
	ivrs.range[0].flags = 0x30 | 0x07;
	assert_int_equal(start(), IOMMU_RUNNING);
	entry = &amd.unit[0].devices->words[NIC * 4];
	assert_int_equal(entry[1], 3ull << 40);
	assert_int_equal(entry[2], 1);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(entry[1] >> 16, 0);
	assert_true(close_session(&server, 1));
	assert_int_equal(entry[1], 3ull << 40);
}

static void addresses_may_be_narrow(void **state)
{
	(void)state;
	ivrs.address_bits = 40;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 1ull << 40), PURLIN_BAD_ARGUMENT);
	assert_int_equal(lend(1, 50, (1ull << 40) - MEBIBYTE), PURLIN_OK);
	assert_int_equal(nic_reaches((1ull << 40) - 1), MEMORY(51) - 1);
}

/* One to six levels of tables, small and large entries, up to the last address. */
static void all_levels_are_walked(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (unsigned int levels = 1; levels <= 6; levels++) {
		struct dma_tables tables = dma_translation.common;
		uint64_t end = levels == 6 ? 1ull << 52 : 1ull << (12 + 9 * levels);
		uint64_t *entry = &amd.unit[0].devices->words[NIC * 4];

		tables.levels = levels;
		tables.most = 100;
		assert_int_equal(dma_tables_start(&tables), PURLIN_OK);
		assert_int_equal(dma_tables_map(&tables, end - 0x200000, 0x40000000, 512, true),
				 PURLIN_OK);
		entry[0] = 3 | tables.root->physical | (uint64_t)levels << 9 | 3ull << 61;
		assert_true(amd_flush_device(&amd.unit[0], NIC));
		assert_true(amd_flush_domain(&amd.unit[0], (uint16_t)entry[1]));
		assert_int_equal(nic_reaches(end - 0x200000), 0x40000000);
		assert_int_equal(nic_reaches(end - 1), 0x401fffff);
		assert_int_equal(nic_reaches(end), NOWHERE);
		if (levels > 1)
			assert_int_equal(nic_reaches(0), NOWHERE);
		dma_tables_unmap(&tables, end - 0x200000, 512);
		assert_true(amd_flush_domain(&amd.unit[0], (uint16_t)entry[1]));
		assert_int_equal(nic_reaches(end - 1), NOWHERE);
		entry[0] = 3;
		assert_true(amd_flush_device(&amd.unit[0], NIC));
		dma_tables_end(&tables);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)
#define TEST_STOPPED(name) cmocka_unit_test_setup_teardown(name, prepare_stopped, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_passes_at_first),
		TEST_STOPPED(everything_passes_before),
		TEST(devices_reach_what_is_attached),
		TEST(large_entries_are_used),
		TEST(neighbours_have_the_same_addresses),
		TEST(detached_memory_is_out_of_reach),
		TEST(sessions_leave_nothing),
		TEST(every_lack_of_memory_is_told),
		TEST(only_allocated_messages_pass),
		TEST(several_messages_of_a_function),
		TEST(owners_leave_nothing),
		TEST(freed_messages_cause_nothing),
		TEST(unconfirmed_messages_are_kept),
		TEST(lines_have_tables_of_their_own),
		TEST(behind_a_bridge_all_numbers_have_one_table),
		TEST(entries_run_out),
		TEST_STOPPED(remapping_may_be_impossible),
		TEST_STOPPED(numbers_may_be_those_of_others),
		TEST(functions_behind_one_bridge_stay_together),
		TEST_STOPPED(what_is_special_keeps_its_number),
		TEST(reserved_memory_keeps_a_function),
		TEST_STOPPED(nothing_is_excluded),
		TEST(a_function_without_a_unit_is_refused),
		TEST_STOPPED(absent_entries_may_be_cached),
		TEST(transfers_cost_no_command),
		TEST(a_deaf_unit_keeps_what_it_has),
		TEST(a_stopped_queue_is_noticed),
		TEST(what_is_stopped_is_reported),
		TEST(one_device_cannot_fill_the_log),
		TEST(a_unit_at_work_is_taken_over),
		TEST(a_unit_at_work_that_is_deaf_is_held),
		TEST_STOPPED(units_that_lack_something_are_left_alone),
		TEST(units_without_flush_of_everything_do),
		TEST_STOPPED(management_of_power_passes),
		TEST_STOPPED(addresses_may_be_narrow),
		TEST(all_levels_are_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
