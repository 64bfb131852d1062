/* SPDX-License-Identifier: MIT */
/* VT-d by a model of it: what devices reach at each moment, and what is left when it goes wrong. */
#include "drivers/platform/vtd.h"
#include "drivers/platform/vtd_remap.h"
#include "fake_vtd.h"
#include "iommu_support.h"

static struct dmar dmar;

static void build_dmar(void)
{
	dmar = (struct dmar){ .units = FAKE_VTD_UNITS, .scopes = 3, .interrupts = true };
	dmar.unit[0] = (struct dmar_unit){ .registers = FAKE_VTD_AT, .rest = true };
	dmar.unit[1] = (struct dmar_unit){ .registers = FAKE_VTD_AT + 0x1000, .scopes = { 0, 3 } };
	for (uint8_t i = 1; i < 3; i++)
		dmar.scope[i] = (struct dmar_scope){
			.kind = DMAR_IOAPIC, .id = i, .bus = 0xf0, .steps = 1, .step[0].slot = i
		};
	dmar.scope[0] = (struct dmar_scope){ .kind = DMAR_ENDPOINT, .steps = 1 };
	dmar.scope[0].step[0].slot = 5;
}

static enum iommu_start start(void)
{
	return vtd_start(&dmar, &server.tree, &server.acpi);
}

static int prepare_stopped(void **state)
{
	(void)state;
	fake_core_clear();
	fake_tables_clear();
	fake_vtd_clear();
	fake_pci_clear();
	add_functions();
	build_dmar();
	server_scan();
	return 0;
}

static int prepare(void **state)
{
	(void)prepare_stopped(state);
	assert_int_equal(start(), IOMMU_RUNNING);
	return 0;
}

static uint64_t nic_reaches(uint64_t address)
{
	return fake_vtd_access(0, NIC, address, true);
}

uint64_t model_message(uint16_t source, uint64_t address, uint32_t data)
{
	return fake_vtd_message(0, source, address, data);
}

static void only_allocated_messages_pass(void **state)
{
	uint64_t vector;

	(void)state;
	assert_non_null(strstr(fake_log, "interrupts remapped"));
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (unsigned int i = 0; i < 0x10000; i++)
		assert_int_equal(fake_vtd_message(0, NIC,
						  0xfee00010 | (i & 0x7fff) << 5 | (i >> 15) << 2,
						  0),
				 NOWHERE);
	for (unsigned int i = 0; i < 256; i++)
		assert_int_equal(fake_vtd_message(0, NIC, 0xfee00000, i), NOWHERE);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	vector = nic_sends(NIC);
	assert_in_range(vector, 0x40, 0x7f);
	/* From anybody else it is a forgery. */
	assert_int_equal(nic_sends(DISK), NOWHERE);
	assert_int_equal(nic_sends(PCI_BDF(0, 4, 1)), NOWHERE);
	assert_int_equal(fake_vtd_message(0, NIC, 0xfee00000, (uint32_t)vector), NOWHERE);
}

static void freed_messages_cause_nothing(void **state)
{
	uint64_t address;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	address = fake_get(nic, MSI + 4, 4);
	assert_int_not_equal(nic_sends(NIC), NOWHERE);
	fake_events[0] = 0;
	assert_int_equal(message(PCI_MSI_FREE), PURLIN_OK);
	assert_string_equal(fake_events, "g");
	assert_int_equal(fake_vtd_message(0, NIC, address, 0), NOWHERE);
}

/* The vector may still be caused: nobody else gets it, nor the entry. */
static void unconfirmed_messages_are_kept(void **state)
{
	uint64_t address;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	address = fake_get(nic, MSI + 4, 4);
	assert_int_not_equal(nic_sends(NIC), NOWHERE);
	fake_vtd[0].deaf = true;
	fake_events[0] = 0;
	assert_int_equal(message(PCI_MSI_FREE), PURLIN_OK);
	assert_string_equal(fake_events, "");
	assert_int_not_equal(fake_vtd_message(0, NIC, address, 0), NOWHERE);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_NO_DEVICE);
	assert_true(close_session(&server, 1));
	assert_int_equal(claim(1, NIC), PURLIN_BUSY);
}

static uint64_t line_sends(unsigned int entry, uint16_t source)
{
	return fake_vtd_message(1, source, 0xfee00010 | entry << 5, 0);
}

/* Entries 0 to 511 are the first I/O APIC's, 512 to 1023 the second's. */
static void lines_have_entries_of_their_own(void **state)
{
	const uint16_t first = PCI_BDF(0xf0, 1, 0), second = PCI_BDF(0xf0, 2, 0);

	(void)state;
	assert_string_equal(fake_events, "01");
	assert_int_equal(line_sends(0x35, first), 0x2135);
	assert_int_equal(line_sends(0x135, first), 0x2135 | FAKE_LEVEL);
	assert_int_equal(line_sends(512 + 0x135, second), 0x2135 | FAKE_LEVEL);
	assert_int_equal(line_sends(512 + 0x35, first), NOWHERE);
	assert_int_equal(line_sends(0x35, second), NOWHERE);
	assert_int_equal(line_sends(0x35, DISK), NOWHERE);
	assert_int_equal(line_sends(1024, first), NOWHERE);
}

static void lines_go_on_when_taken_over(void **state)
{
	(void)state;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(line_sends(0x35, PCI_BDF(0xf0, 1, 0)), 0x2135);
	assert_int_equal(line_sends(512 + 0x135, PCI_BDF(0xf0, 2, 0)), 0x2135 | FAKE_LEVEL);
	assert_int_equal(fake_vtd_message(1, DISK, 0xfee00000, 0x35), NOWHERE);
}

/* A processor whose APIC id takes more than 8 bits. */
static void wide_ids(void **state)
{
	(void)state;
	fake_apic_id = 0x12345;
	fake_wide = true;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_NO_DEVICE);
	assert_true(close_session(&server, 1));
	for (unsigned int i = 0; i < FAKE_VTD_UNITS; i++)
		fake_vtd[i].registers[0x10] |= 0x10;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(line_sends(0x35, PCI_BDF(0xf0, 1, 0)), 0x2135);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	assert_int_equal(fake_get(nic, MSI + 8, 4), 0);
	assert_int_equal(nic_sends(NIC) >> 8, 0x12345);
	assert_true(close_session(&server, 1));
}

/* They need every unit, firmware's word, and processors that compare all bits. */
static void wide_ids_are_not_used_by_halves(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < FAKE_VTD_UNITS; i++)
			fake_vtd[i].registers[0x10] |= 0x10;
		fake_apic_id = 0x45;
		fake_wide = round != 0;
		dmar.narrow_ids = round == 1;
		if (round == 2)
			fake_vtd[1].registers[0x10] &= (uint8_t)~0x10u;
		assert_int_equal(start(), IOMMU_RUNNING);
		assert_int_equal(claim(1, NIC), PURLIN_OK);
		assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
		assert_int_equal(nic_sends(NIC) >> 8, 0x45);
		assert_int_equal(message(PCI_MSI_FREE), PURLIN_OK);
		fake_apic_id = 0x145;
		assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_NO_DEVICE);
		assert_true(close_session(&server, 1));
	}
}

static void behind_a_bridge_buses_are_verified(void **state)
{
	struct message_interrupt interrupt = { .address = 0xfee03000, .data = 0x77 };
	struct vtd_unit *unit = vtd_unit_at(0);
	uint64_t address;

	(void)state;
	assert_int_equal(vtd_remap_message(unit, pci_tree_find(&server.tree, LEFT), &interrupt),
			 PURLIN_OK);
	address = interrupt.address;
	assert_int_equal(fake_vtd_message(0, LEFT, address, 0), 0x377);
	assert_int_equal(fake_vtd_message(0, PCI_BDF(2, 0, 0), address, 0), 0x377);
	assert_int_equal(fake_vtd_message(0, PCI_BDF(1, 0, 0), address, 0), NOWHERE);
	assert_int_equal(fake_vtd_message(0, NIC, address, 0), NOWHERE);
	assert_int_equal(fake_vtd_message(0, PCI_BDF(3, 0, 0), address, 0), NOWHERE);
	assert_true(vtd_remap_end(unit, &interrupt));
	assert_int_equal(fake_vtd_message(0, LEFT, address, 0), NOWHERE);
}

static void entries_run_out(void **state)
{
	static struct message_interrupt interrupts[4096];
	const struct pci_function *function = pci_tree_find(&server.tree, NIC);
	struct vtd_unit *unit = vtd_unit_at(0);
	unsigned int count = 0;

	(void)state;
	while (count < 4096 && !vtd_remap_message(unit, function, &interrupts[count]))
		count++;
	assert_int_equal(count, 4096);
	assert_int_equal(vtd_remap_message(unit, function, &interrupts[0]), PURLIN_NO_DEVICE);
	for (unsigned int i = 0; i < count; i++)
		assert_true(vtd_remap_end(unit, &interrupts[i]));
	assert_int_equal(vtd_remap_message(unit, function, &interrupts[0]), PURLIN_OK);
	assert_true(vtd_remap_end(unit, &interrupts[0]));
}

static void expect_not_remapped(const char *reason)
{
	fake_log[0] = 0;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_non_null(strstr(fake_log, reason));
	assert_int_equal(fake_vtd_message(0, NIC, 0xfee03000, 0x35), 0x335);
	assert_int_equal(fake_vtd_access(0, NIC, 0, true), NOWHERE);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
	assert_int_not_equal(nic_sends(NIC), NOWHERE);
	assert_true(close_session(&server, 1));
}

/* All devices' messages pass then, as without an IOMMU; DMA is confined all the same. */
static void remapping_may_be_impossible(void **state)
{
	(void)state;
	dmar.interrupts = false;
	expect_not_remapped("firmware says");
	dmar.interrupts = true;
	fake_ioapics = 0;
	expect_not_remapped("not known");
	fake_ioapics = 3;
	expect_not_remapped("behind no unit");
	fake_ioapics = 2;
	fake_vtd[1].registers[0x10] &= 0xf7;
	expect_not_remapped("a unit cannot");
}

static void nothing_passes_at_first(void **state)
{
	(void)state;
	for (unsigned int bdf = 0; bdf < 0x300; bdf++)
		for (unsigned int unit = 0; unit < FAKE_VTD_UNITS; unit++)
			assert_int_equal(fake_vtd_access(unit, (uint16_t)bdf, 0x1000, false),
					 NOWHERE);
}

static void devices_reach_what_is_attached(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0);
	for (uint64_t at = 0; at < MEBIBYTE; at += 0x1000)
		assert_int_equal(nic_reaches(at + 5), MEMORY(50) + at + 5);
	assert_int_equal(nic_reaches(MEBIBYTE), NOWHERE);
	assert_int_equal(nic_reaches(MEMORY(50)), NOWHERE);
	assert_int_equal(nic_reaches(1ull << 40), NOWHERE);
	assert_int_equal(fake_vtd_access(1, DISK, 0, true), NOWHERE);
}

/* Odd slots are memory without WRITE. */
static void memory_for_reading_is_not_written(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 51, 0x200000), PURLIN_OK);
	assert_int_equal(fake_vtd_access(0, NIC, 0x200000, false), MEMORY(51));
	assert_int_equal(nic_reaches(0x200000), NOWHERE);
}

static void neighbours_have_the_same_addresses(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(claim(2, DISK), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(lend(2, 60, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0x5000), MEMORY(50) + 0x5000);
	assert_int_equal(fake_vtd_access(1, DISK, 0x5000, true), MEMORY(60) + 0x5000);
	assert_true(close_session(&server, 1));
	assert_int_equal(nic_reaches(0x5000), NOWHERE);
	assert_int_equal(fake_vtd_access(1, DISK, 0x5000, true), MEMORY(60) + 0x5000);
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
	unsigned int before, after_first;

	(void)state;
	before = fake_table_pages;
	for (unsigned int i = 0; i < 10000; i++) {
		assert_int_equal(claim(1, NIC), PURLIN_OK);
		assert_int_equal(message(PCI_MSI_ALLOC), PURLIN_OK);
		assert_int_equal(lend(1, 50, 0), PURLIN_OK);
		(void)nic_reaches(0);
		assert_true(close_session(&server, 1));
		if (!i)
			after_first = fake_table_pages;
	}
	/* The contexts of a bus stay. */
	assert_true(fake_table_pages <= before + 1);
	assert_int_equal(fake_table_pages, after_first);
}

/* Every allocation fails once; nothing is left of what failed. */
static void every_lack_of_memory_is_told(void **state)
{
	unsigned int left, pages;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_true(close_session(&server, 1));
	pages = fake_table_pages;
	for (left = 0; left < 5; left++) {
		fake_table_most = left;
		if (!claim(1, NIC)) {
			if (lend(1, 50, 0x40000000 - MEBIBYTE / 2)) {
				assert_int_equal(nic_reaches(0x40000000), NOWHERE);
				assert_int_equal(nic_reaches(0x40000000 - 0x1000), NOWHERE);
			}
			assert_true(close_session(&server, 1));
		}
		assert_int_equal(fake_table_pages, pages);
	}
	fake_table_most = 1000;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0x40000000 - MEBIBYTE / 2), PURLIN_OK);
	assert_int_equal(nic_reaches(0x40000000), MEMORY(50) + MEBIBYTE / 2);
}

/* 4 GiB: 4 tables by large entries, 2048 by small ones. */
static void an_owner_has_so_many_tables(void **state)
{
	unsigned int before = fake_table_pages;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	fake_pin_pages = 1 << 20;
	assert_int_equal(lend(1, 50, 0x100001000), PURLIN_NO_MEMORY);
	assert_int_equal(nic_reaches(0x100001000), NOWHERE);
	assert_in_range(fake_table_pages - before, 1, 300);
	assert_true(close_session(&server, 1));
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	before = fake_table_pages;
	assert_int_equal(lend(1, 50, 0x100000000), PURLIN_OK);
	assert_in_range(fake_table_pages - before, 4, 8);
	assert_int_equal(nic_reaches(0x1fffff000), MEMORY(50) + 0xfffff000);
	/* What is there and in reach needs no more. */
	fake_pin_pages = 1;
	assert_int_equal(lend(1, 52, 0x200000000), PURLIN_OK);
}

static void some_addresses_are_refused(void **state)
{
	static const uint64_t bad[] = { 0xfee00000,
					0xfef00000 - MEBIBYTE,
					0xfedf1000,
					0xfeeff000,
					0xc0000000,
					0xc0000000 - 0x1000,
					0x123,
					1ull << 48,
					(1ull << 48) - 0x1000,
					~0xfffull,
					1ull << 63,
					0x200000 };

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0x1ff000), PURLIN_OK);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lend(1, 52, bad[i]), PURLIN_BAD_ARGUMENT);
	assert_int_equal(lend(1, 5, 0x400000), PURLIN_BAD_ARGUMENT); /* scattered */
	assert_int_equal(lend(1, 52, (1ull << 48) - MEBIBYTE), PURLIN_OK);
	assert_int_equal(nic_reaches((1ull << 48) - 1), MEMORY(52) + MEBIBYTE - 1);
}

static purlin_s64 lend_part(uint64_t wanted, uint64_t first, uint64_t pages)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_MAP;
	request.words = 3;
	request.word[0] = wanted;
	request.word[1] = first;
	request.word[2] = pages;
	request.caps = 1;
	request.cap[0] = 50;
	return pci_request(&server, pci_session_find(&server, 1), &request);
}

static void parts_are_attached(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend_part(0x100000, 2, 3), PURLIN_OK);
	assert_int_equal(nic_reaches(0x100000), MEMORY(50) + 0x2000);
	assert_int_equal(nic_reaches(0x102fff), MEMORY(50) + 0x4fff);
	assert_int_equal(nic_reaches(0x103000), NOWHERE);
	assert_int_equal(lend_part(0x200000, 255, 1), PURLIN_OK);
	assert_int_equal(lend_part(0x300000, 255, 2), PURLIN_BAD_ARGUMENT);
	assert_int_equal(lend_part(0x300000, 256, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(lend_part(0x300000, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(lend_part(0x300000, ~0ull, 2), PURLIN_BAD_ARGUMENT);
	assert_int_equal(lend_part(0x300000, 1, ~0ull), PURLIN_BAD_ARGUMENT);
	assert_int_equal(take_back(1, 0x100000), PURLIN_OK);
	assert_int_equal(nic_reaches(0x102000), NOWHERE);
	assert_int_equal(nic_reaches(0x200000), MEMORY(50) + 0xff000);
}

static void places_are_found(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (unsigned int i = 0; i < PCI_DMA_MOST; i++) {
		assert_int_equal(lend(1, 50 + 2 * i, PCI_DMA_ANYWHERE), PURLIN_OK);
		assert_int_equal(request.reply[0], (i + 1) * MEBIBYTE);
	}
	assert_int_equal(lend(1, 20, PCI_DMA_ANYWHERE), PURLIN_NO_MEMORY);
	assert_int_equal(take_back(1, 3 * MEBIBYTE), PURLIN_OK);
	assert_int_equal(lend(1, 20, PCI_DMA_ANYWHERE), PURLIN_OK);
	assert_int_equal(request.reply[0], 3 * MEBIBYTE);
	assert_int_equal(nic_reaches(3 * MEBIBYTE), MEMORY(20));
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
	fake_vtd[0].deaf = true;
	fake_events[0] = 0;
	assert_int_equal(take_back(1, 0), PURLIN_OK);
	assert_string_equal(fake_events, "");
	/* The positive control: it does reach the memory still. */
	assert_int_equal(nic_reaches(0), MEMORY(50));
	assert_true(close_session(&server, 1));
	assert_string_equal(fake_events, "");
	assert_non_null(strstr(fake_log, "not confirmed"));
	assert_non_null(strstr(fake_log, "stays pinned"));
	assert_int_equal(claim(1, NIC), PURLIN_BUSY);
	assert_int_equal(claim(1, LEFT), PURLIN_NO_RIGHT);
	assert_int_equal(fake_vtd_access(1, DISK, 0, true), MEMORY(60));
	assert_true(close_session(&server, 2));
	assert_string_equal(fake_events, "a");
	assert_int_equal(claim(2, DISK), PURLIN_OK);
}

/* What it confirms later, for others, is not taken for an answer to what it did not. */
static void a_deaf_unit_is_not_believed_again(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(lend(1, 52, MEBIBYTE), PURLIN_OK);
	fake_vtd[0].deaf = true;
	assert_int_equal(take_back(1, 0), PURLIN_OK);
	fake_vtd[0].deaf = false;
	fake_events[0] = 0;
	assert_int_equal(take_back(1, MEBIBYTE), PURLIN_OK);
	assert_true(close_session(&server, 1));
	assert_string_equal(fake_events, "");
	assert_int_equal(claim(1, NIC), PURLIN_BUSY);
}

static void functions_behind_one_bridge_stay_together(void **state)
{
	(void)state;
	assert_int_equal(claim(1, LEFT), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(fake_vtd_access(0, PCI_BDF(2, 0, 0), 0x1000, true), MEMORY(50) + 0x1000);
	assert_int_equal(fake_vtd_access(0, PCI_BDF(1, 0, 0), 0x1000, true), MEMORY(50) + 0x1000);
	assert_int_equal(claim(2, RIGHT), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "same address before the IOMMU"));
	assert_int_equal(fake_vtd_access(0, PCI_BDF(2, 0, 0), 0x1000, true), MEMORY(50) + 0x1000);
	assert_true(close_session(&server, 1));
	assert_int_equal(fake_vtd_access(0, PCI_BDF(2, 0, 0), 0x1000, true), NOWHERE);
	assert_int_equal(claim(2, RIGHT), PURLIN_OK);
}

static void reserved_memory_keeps_a_function(void **state)
{
	(void)state;
	dmar.regions = 1;
	dmar.region[0] = (struct dmar_region){ .base = 0x1000, .last = 0x1fff, .scopes = { 0, 1 } };
	assert_int_equal(claim(1, DISK), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "firmware reserves memory"));
	pci_tree_find(&server.tree, DISK)->class_revision = 0x0c033000;
	assert_int_equal(claim(1, DISK), PURLIN_OK);
	assert_int_equal(fake_vtd_access(1, DISK, 0x1000, true), NOWHERE);
}

static purlin_s64 claim_all(uint32_t named)
{
	const purlin_u64 words[] = {
		0, 2, PCI_RULE_CLASS, 0, PCI_RULE_BDF, named | 0xffffull << 32
	};

	return open_session(&server, 1, "one", words, 6);
}

/* A rule that takes all there is leaves out what cannot be given, and a claim later does so, too.
 */
static void a_rule_by_class_leaves_out_what_is_refused(void **state)
{
	(void)state;
	dmar.regions = 1;
	dmar.region[0] = (struct dmar_region){ .base = 0x1000, .last = 0x1fff, .scopes = { 0, 1 } };
	assert_int_equal(claim_all(NIC), PURLIN_OK);
	assert_non_null(strstr(fake_log, "firmware reserves memory"));
	assert_null(pci_tree_find(&server.tree, DISK)->owner);
	assert_non_null(pci_tree_find(&server.tree, NIC)->owner);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
	assert_true(close_session(&server, 1));
	assert_int_equal(claim_all(DISK), PURLIN_NO_RIGHT);
	assert_null(pci_tree_find(&server.tree, NIC)->owner);
}

static void a_function_without_a_unit_is_refused(void **state)
{
	(void)state;
	dmar.unit[0].rest = false;
	assert_int_equal(claim(1, NIC), PURLIN_NO_RIGHT);
	assert_int_equal(claim(2, DISK), PURLIN_OK);
}

static void absent_entries_may_be_cached(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FAKE_VTD_UNITS; i++) {
		fake_vtd[i].cached_absent = true;
		fake_vtd[i].registers[8] |= 0x80;
	}
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_non_null(strstr(fake_log, "caching mode"));
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
}

/* Without an IOMMU command for what devices do: the number of commands does not change. */
static void transfers_cost_no_command(void **state)
{
	unsigned int commands;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	commands = fake_vtd[0].commands;
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(nic_reaches(i * 64), MEMORY(50) + i * 64);
	assert_int_equal(fake_vtd[0].commands, commands);
}

static void what_is_stopped_is_reported(void **state)
{
	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(nic_reaches(0x7123), NOWHERE);
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "00:04.0 of 'one' was stopped at 0x7000 (write, 0x5)"));
	fake_log[0] = 0;
	assert_false(pci_faults_note(&server));
	assert_string_equal(fake_log, "");
	assert_int_equal(fake_vtd_access(0, RIGHT, 0, false), NOWHERE);
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "02:02.0 of 'nobody' was stopped at 0x0 (read, 0x2)"));
}

/* After an overflow, too. */
static void one_device_cannot_fill_the_log(void **state)
{
	unsigned int told = 0;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	for (unsigned int i = 0; i < 1000; i++) {
		(void)nic_reaches(0x7000);
		(void)nic_reaches(0x8000);
		fake_log[0] = 0;
		while (pci_faults_note(&server))
			;
		told += fake_log[0] != 0;
	}
	assert_true(told <= PCI_FAULTS_MOST);
	assert_int_equal(server.sessions->fault.count, PCI_FAULTS_MOST);
	assert_int_equal(fake_vtd_access(1, DISK, 0, true), NOWHERE);
	fake_log[0] = 0;
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "00:05.0"));
}

static void a_unit_at_work_is_taken_over(void **state)
{
	static struct pci_session *before;

	(void)state;
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 0), PURLIN_OK);
	assert_int_equal(nic_reaches(0), MEMORY(50));
	/* The life before ends here, and with it what it knew. */
	before = server.sessions;
	server.sessions = NULL;
	pci_tree_find(&server.tree, NIC)->owner = NULL;
	assert_non_null(before);
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(nic_reaches(0), NOWHERE);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
}

/* Nothing of it may be used anew: the component must not announce itself. */
static void a_unit_at_work_that_is_deaf_is_held(void **state)
{
	(void)state;
	fake_vtd[1].deaf = true;
	assert_int_equal(start(), IOMMU_HELD);
	fake_vtd[1].deaf = false;
	fake_vtd[1].stubborn = true;
	assert_int_equal(start(), IOMMU_HELD);
}

static void units_that_lack_something_are_left_alone(void **state)
{
	(void)state;
	fake_vtd[0].registers[0x10] &= 0xfd;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_non_null(strstr(fake_log, "no queue"));
	assert_int_equal(claim(1, NIC), PURLIN_NO_RIGHT);
	assert_int_equal(claim(2, DISK), PURLIN_OK);
	assert_true(close_session(&server, 2));
	fake_vtd[1].registers[9] = 0;
	memset(&fake_vtd[1].registers[0x1c], 0, 4);
	assert_int_equal(start(), IOMMU_NONE);
}

/* 39 bits: three levels. */
static void three_levels_do(void **state)
{
	(void)state;
	fake_vtd[0].registers[9] = 2;
	assert_int_equal(start(), IOMMU_RUNNING);
	assert_int_equal(claim(1, NIC), PURLIN_OK);
	assert_int_equal(lend(1, 50, 1ull << 39), PURLIN_BAD_ARGUMENT);
	assert_int_equal(lend(1, 50, (1ull << 39) - MEBIBYTE), PURLIN_OK);
	assert_int_equal(nic_reaches((1ull << 39) - 1), MEMORY(51) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)
#define TEST_STOPPED(name) cmocka_unit_test_setup_teardown(name, prepare_stopped, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_passes_at_first),
		TEST(only_allocated_messages_pass),
		TEST(several_messages_of_a_function),
		TEST(owners_leave_nothing),
		TEST(freed_messages_cause_nothing),
		TEST(unconfirmed_messages_are_kept),
		TEST(lines_have_entries_of_their_own),
		TEST(lines_go_on_when_taken_over),
		TEST(wide_ids),
		TEST(wide_ids_are_not_used_by_halves),
		TEST(behind_a_bridge_buses_are_verified),
		TEST(entries_run_out),
		TEST_STOPPED(remapping_may_be_impossible),
		TEST(devices_reach_what_is_attached),
		TEST(memory_for_reading_is_not_written),
		TEST(neighbours_have_the_same_addresses),
		TEST(detached_memory_is_out_of_reach),
		TEST(sessions_leave_nothing),
		TEST(every_lack_of_memory_is_told),
		TEST(an_owner_has_so_many_tables),
		TEST(some_addresses_are_refused),
		TEST(parts_are_attached),
		TEST(places_are_found),
		TEST(a_deaf_unit_keeps_what_it_has),
		TEST(a_deaf_unit_is_not_believed_again),
		TEST(functions_behind_one_bridge_stay_together),
		TEST(reserved_memory_keeps_a_function),
		TEST(a_rule_by_class_leaves_out_what_is_refused),
		TEST(a_function_without_a_unit_is_refused),
		TEST_STOPPED(absent_entries_may_be_cached),
		TEST(transfers_cost_no_command),
		TEST(what_is_stopped_is_reported),
		TEST(one_device_cannot_fill_the_log),
		TEST(a_unit_at_work_is_taken_over),
		TEST(a_unit_at_work_that_is_deaf_is_held),
		TEST_STOPPED(units_that_lack_something_are_left_alone),
		TEST_STOPPED(three_levels_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
