/* SPDX-License-Identifier: MIT */
/* The filter of configuration space, and enumeration of what it stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/config_filter.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "fake_pci.h"

#define PM 0x40
#define VPD 0x48
#define MSI 0x50
#define MSIX 0x70
#define PCIE 0x80
#define AF 0xc0
#define VENDOR 0xd0
#define PRI 0x1c0
#define PASID 0x1e0

static struct fake_function *fake;
static struct pci_tree tree;
static struct config_filter filter;

static void fill_bars(void)
{
	fake_set(fake, 0x10, 4, 0xfe000004, 0xffff0000, 0); /* 64 KiB, 64 bits wide */
	fake_set(fake, 0x14, 4, 0x00000001, 0xffffffff, 0);
	fake_set(fake, 0x18, 4, 0x0000c001, 0x0000ffe0, 0); /* 32 ports */
	fake_set(fake, 0x1c, 4, 0xfd000008, 0xfff00000, 0); /* 1 MiB, prefetchable */
	fake_set(fake, 0x30, 4, 0xfc000001, 0xffff0001, 0); /* 64 KiB */
	fake_set(fake, 0x3d, 1, 2, 0, 0);
}

static void fill_capabilities(void)
{
	fake_capability(fake, PM, CAP_PM);
	fake_set(fake, PM + 4, 2, 0, 0x3, 0);
	fake_capability(fake, VPD, CAP_VPD);
	fake_set(fake, VPD + 2, 2, 0, 0xffff, 0);
	fake_capability(fake, MSI, CAP_MSI);
	fake_set(fake, MSI + 2, 2, MSI_64BIT | MSI_MASKABLE | 0x6, 0x0071, 0);
	fake_set(fake, MSI + 4, 4, 0, 0xfffffffc, 0);
	fake_set(fake, MSI + 8, 4, 0, 0xffffffff, 0);
	fake_set(fake, MSI + 12, 4, 0, 0xffff, 0);
	fake_set(fake, MSI + 16, 4, 0, 0xffffffff, 0);
	fake_capability(fake, MSIX, CAP_MSIX);
	fake_set(fake, MSIX + 2, 2, 0x7, 0xc000, 0);
	fake_set(fake, MSIX + 4, 4, 0x3000, 0, 0);
	fake_capability(fake, PCIE, CAP_PCIE);
	fake_set(fake, PCIE + 2, 2, 0x0002, 0, 0);
	fake_set(fake, PCIE + 4, 4, PCIE_CAN_FLR, 0, 0);
	fake_set(fake, PCIE + 8, 2, 0x2820, 0xffff, 0); /* as a reset leaves it */
	fake_set(fake, PCIE + 10, 2, 0x000f, 0, 0x000f);
	fake_set(fake, PCIE + 12, 4, 0x00000411, 0, 0);
	fake_set(fake, PCIE + 16, 4, 0x00110000, 0xffff, 0);
	fake_capability(fake, AF, CAP_AF);
	fake_set(fake, AF + 2, 2, 0x0306, 0, 0);
	fake_set(fake, AF + 4, 1, 0, 0x1, 0);
	fake_capability(fake, VENDOR, 0x09);
	fake_set(fake, VENDOR + 4, 4, 0, 0xffffffff, 0);
	fake_extended_capability(fake, 0x100, XCAP_SRIOV);
	fake_extended_capability(fake, 0x140, 0x01);
	fake_extended_capability(fake, 0x180, XCAP_ATS);
	fake_extended_capability(fake, 0x1a0, 0x03);
	fake_set(fake, 0x148, 4, 0, 0xffffffff, 0);
	fake_extended_capability(fake, PRI, XCAP_PRI);
	fake_extended_capability(fake, PASID, XCAP_PASID);
	fake_set(fake, 0x180 + 6, 2, 0x8000, 0xffff, 0);
	fake_set(fake, PRI + 4, 2, 0x0001, 0xffff, 0);
	fake_set(fake, PASID + 6, 2, 0x0007, 0xffff, 0);
}

static void start(bool msix)
{
	tree.count = 0;
	pci_tree_scan(&tree, 0);
	assert_int_equal(tree.count, 1);
	config_filter_start(&filter, &tree.function[0], false, true, msix, 1);
}

static int prepare(void **state)
{
	(void)state;
	fake_pci_clear();
	fake = fake_pci_add(PCI_BDF(0, 4, 0), 0x1b36, 0x000d, 0x0c0330);
	fill_bars();
	fill_capabilities();
	start(true);
	return 0;
}

static uint32_t read_at(unsigned int offset, unsigned int size)
{
	return config_filter_read(&filter, offset, size);
}

static unsigned int write_at(unsigned int offset, unsigned int size, uint32_t value)
{
	return config_filter_write(&filter, offset, size, value);
}

static void enumeration_reads_sizes(void **state)
{
	const struct pci_function *function = &tree.function[0];

	(void)state;
	assert_int_equal(function->bar[0].address, 0x1fe000000);
	assert_int_equal(function->bar[0].size, 0x10000);
	assert_int_equal(function->bar[1].size, 0);
	assert_int_equal(function->bar[2].address, 0xc000);
	assert_int_equal(function->bar[2].size, 32);
	assert_int_equal(function->bar[3].size, 0x100000);
	assert_int_equal(fake_get(fake, 0x10, 4), 0xfe000004);
	assert_int_equal(fake_get(fake, 0x14, 4), 1);
	assert_false(fake_get(fake, 4, 2) & COMMAND_MASTER);
	assert_int_equal(function->msi, MSI);
	assert_int_equal(function->msix, MSIX);
}

/* Transfers past the caches would read what memory held before it was zeroed. */
static void no_snoop_stays_off(void **state)
{
	(void)state;
	assert_int_equal(fake_get(fake, PCIE + 8, 2), 0x2020);
	write_at(PCIE + 8, 2, 0x5910);
	assert_int_equal(fake_get(fake, PCIE + 8, 2) & PCIE_CONTROL_NO_SNOOP, 0);
	assert_int_equal(fake_get(fake, PCIE + 8, 2) & 0x7110, 0x5110);
}

static void identity_is_real_and_fixed(void **state)
{
	(void)state;
	write_at(0, 4, 0xdeadbeef);
	assert_int_equal(read_at(0, 4), 0x000d1b36);
	assert_int_equal(read_at(2, 2), 0x000d);
	assert_int_equal(read_at(1, 1), 0x1b);
	assert_int_equal(read_at(8, 4), 0x0c033001);
}

static void bars_answer_sizing(void **state)
{
	(void)state;
	assert_int_equal(read_at(0x10, 4), 0xfe000004);
	write_at(0x10, 4, 0xffffffff);
	write_at(0x14, 4, 0xffffffff);
	assert_int_equal(read_at(0x10, 4), 0xffff0004);
	assert_int_equal(read_at(0x14, 4), 0xffffffff);
	write_at(0x10, 4, 0x80000000);
	write_at(0x14, 4, 7);
	assert_int_equal(read_at(0x10, 4), 0xfe000004);
	assert_int_equal(read_at(0x14, 4), 1);
	write_at(0x18, 4, 0xffffffff);
	assert_int_equal(read_at(0x18, 4) | 0xffff0000, 0xffffffe1);
	write_at(0x18, 4, 0xc000);
	assert_int_equal(read_at(0x18, 4), 0xc001);
	write_at(0x1c, 4, 0xffffffff);
	assert_int_equal(read_at(0x1c, 4), 0xfff00008);
	write_at(0x20, 4, 0xffffffff);
	assert_int_equal(read_at(0x20, 4), 0);
	assert_int_equal(fake_get(fake, 0x10, 4), 0xfe000004);
	assert_int_equal(fake_get(fake, 0x18, 4), 0xc001);
}

static void rom_has_size_and_a_place_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(read_at(0x30, 4), 0xfc000000);
	assert_int_equal(write_at(0x30, 4, 0xfffffffe), CONFIG_ROM);
	assert_int_equal(read_at(0x30, 4), 0xffff0000);
	assert_int_equal(write_at(0x30, 4, 0xfe000001), CONFIG_ROM);
	assert_int_equal(read_at(0x30, 4), 0xfc000001);
	assert_int_equal(fake_get(fake, 0x30, 4), 0xfc000000);
}

static void command_is_told_not_written(void **state)
{
	uint32_t before = fake_get(fake, 4, 2);

	(void)state;
	assert_int_equal(write_at(4, 2, 0xffff), CONFIG_COMMAND);
	assert_int_equal(fake_get(fake, 4, 2), before);
	assert_int_equal(config_filter_wish(&filter, 4, 2), 0x0417);
	assert_int_equal(read_at(4, 2), 0x0417);
}

static void status_bits_are_cleared_by_one(void **state)
{
	(void)state;
	fake_set(fake, 6, 2, 0xa010, 0, 0xf900);
	assert_int_equal(write_at(6, 2, 0x2000), 0);
	assert_int_equal(fake_get(fake, 6, 2), 0x8010);
	assert_int_equal(write_at(4, 4, 0x80000002), CONFIG_COMMAND);
	assert_int_equal(fake_get(fake, 6, 2), 0x0010);
}

static unsigned int collect(unsigned int *ids)
{
	unsigned int count = 0, offset = read_at(0x34, 1);

	for (; offset && count < 20; offset = read_at(offset + 1, 1))
		ids[count++] = read_at(offset, 1);
	return count;
}

static void list_goes_around_hidden_capabilities(void **state)
{
	unsigned int ids[20];

	(void)state;
	fake_set(fake, VPD, 1, CAP_HOT_SWAP, 0, 0);
	start(true);
	assert_int_equal(collect(ids), 6);
	assert_int_equal(ids[0], CAP_PM);
	assert_int_equal(ids[1], CAP_MSI);
	assert_int_equal(ids[2], CAP_MSIX);
	assert_int_equal(ids[3], CAP_PCIE);
	assert_int_equal(ids[4], CAP_AF);
	assert_int_equal(ids[5], 0x09);
}

static void msix_can_be_hidden(void **state)
{
	unsigned int ids[20];

	(void)state;
	start(false);
	assert_int_equal(collect(ids), 6);
	assert_int_equal(ids[3], CAP_PCIE);
}

/* The function sets the flag when the data is there; a flag that is written would write data. */
static void product_data_is_read_only(void **state)
{
	(void)state;
	write_at(VPD + 2, 2, 0x1234);
	assert_int_equal(fake_get(fake, VPD + 2, 2), 0x1234);
	fake_set(fake, VPD + 2, 2, 0x9234, 0xffff, 0);
	fake_set(fake, VPD + 4, 4, 0x55aa55aa, 0xffffffff, 0);
	assert_int_equal(read_at(VPD + 2, 2), 0x9234);
	assert_int_equal(read_at(VPD + 4, 4), 0x55aa55aa);
	write_at(VPD + 4, 4, 0x12345678);
	assert_int_equal(fake_get(fake, VPD + 4, 4), 0x55aa55aa);
	write_at(VPD + 2, 2, 0xffff);
	assert_int_equal(fake_get(fake, VPD + 2, 2), 0x7fff);
	/* Not even one that the function had set. */
	fake_set(fake, VPD + 2, 2, 0x8000, 0xffff, 0);
	write_at(VPD + 2, 1, 0x10);
	assert_int_equal(fake_get(fake, VPD + 2, 2), 0x0010);
	fake_set(fake, VPD + 2, 2, 0x8000, 0xffff, 0);
	write_at(VPD, 2, 0xffff);
	assert_int_equal(fake_get(fake, VPD + 2, 2), 0x8000);
}

/* Its functions may have one reader, and different owners. */
static void product_data_of_several_functions_is_hidden(void **state)
{
	unsigned int ids[20];

	(void)state;
	fake_set(fake, 0x0e, 1, 0x80, 0, 0);
	start(true);
	assert_int_equal(collect(ids), 6);
	assert_int_equal(ids[1], CAP_MSI);
	write_at(VPD + 2, 2, 0x1234);
	assert_int_equal(fake_get(fake, VPD + 2, 2), 0);
}

/* A device whose capabilities lie over each other opens nothing of one by the other. */
static void overlapping_capabilities_stay_closed(void **state)
{
	(void)state;
	fake_set(fake, VPD, 1, 0, 0, 0);
	fake_set(fake, PCIE + 1, 1, MSI + 8, 0, 0);
	fake_set(fake, MSI + 8, 1, CAP_VPD, 0, 0);
	fake_set(fake, MSI + 9, 1, 0, 0, 0);
	start(true);
	assert_int_equal(tree.function[0].vpd, MSI + 8);
	fake_set(fake, MSI + 8, 4, 0, 0xffffffff, 0);
	write_at(MSI + 8, 4, 0x7fff0000);
	assert_int_equal(fake_get(fake, MSI + 8, 4), 0);
}

static void looping_list_ends(void **state)
{
	unsigned int ids[20];

	(void)state;
	fake->value[VENDOR + 1] = PM;
	start(true);
	assert_true(collect(ids) <= 20);
	assert_true(filter.count <= CONFIG_REGISTERS);
}

static void extended_list_hides(void **state)
{
	(void)state;
	assert_int_equal(read_at(0x100, 4) & 0xfffff, 0);
	assert_int_equal(read_at(0x100, 4) >> 20, 0x140);
	assert_int_equal(read_at(0x140, 4) >> 20, 0x1a0);
	assert_int_equal(read_at(0x1a0, 4) >> 20, 0);
	write_at(0x148, 4, 0xffffffff);
	assert_int_equal(fake_get(fake, 0x148, 4), 0);
}

static void msi_fields_are_virtual(void **state)
{
	(void)state;
	assert_int_equal(write_at(MSI + 4, 4, 0xfee00000), 0);
	write_at(MSI + 12, 2, 0x4041);
	assert_int_equal(read_at(MSI + 4, 4), 0xfee00000);
	assert_int_equal(read_at(MSI + 12, 2), 0x4041);
	assert_int_equal(fake_get(fake, MSI + 4, 4), 0);
	assert_int_equal(fake_get(fake, MSI + 12, 2), 0);
	assert_int_equal(read_at(MSI + 2, 2) & MSI_CAPABLE_MASK, 0);
	assert_int_equal(write_at(MSI + 2, 2, 1), CONFIG_MSI);
	assert_int_equal(fake_get(fake, MSI + 2, 2) & 1, 0);
	assert_int_equal(read_at(MSI + 2, 2) & 1, 1);
	write_at(MSI + 16, 4, 0xffffffff);
	assert_int_equal(fake_get(fake, MSI + 16, 4), 0);
	assert_int_equal(read_at(MSI + 16, 4), 0xffffffff);
}

static void msix_enable_is_told(void **state)
{
	(void)state;
	assert_int_equal(read_at(MSIX + 2, 2), 0x0007);
	assert_int_equal(write_at(MSIX + 2, 2, 0xc000), CONFIG_MSIX);
	assert_int_equal(fake_get(fake, MSIX + 2, 2), 0x0007);
	assert_int_equal(read_at(MSIX + 2, 2), 0xc007);
}

static void express_control_is_filtered(void **state)
{
	(void)state;
	assert_int_equal(read_at(PCIE + 2, 2), 0x0092);
	assert_int_equal(read_at(PCIE + 12, 4), 0);
	assert_int_equal(write_at(PCIE + 8, 2, 0x7fff), 0);
	assert_int_equal(fake_get(fake, PCIE + 8, 2), 0x7130);
	assert_int_equal(fake_get(fake, PCIE + 10, 2), 0x000f);
	write_at(PCIE + 10, 2, 0x0003);
	assert_int_equal(fake_get(fake, PCIE + 10, 2), 0x000c);
	write_at(PCIE + 16, 2, 0xffff);
	assert_int_equal(fake_get(fake, PCIE + 16, 2), 0);
}

static void reset_bits_are_told(void **state)
{
	(void)state;
	assert_int_equal(write_at(PCIE + 8, 2, 0x8000), CONFIG_RESET);
	assert_false(fake_get(fake, PCIE + 8, 2) & 0x8000);
	assert_int_equal(write_at(AF + 4, 1, 1), CONFIG_RESET);
	assert_int_equal(fake_get(fake, AF + 4, 1), 0);
}

/* D1 and D2 are not there, nor is wake-up: what is not supported is ignored. */
static void power_state_is_a_wish(void **state)
{
	(void)state;
	fake_set(fake, PM + 2, 2, 0xfe0b, 0, 0);
	fake_set(fake, PM + 4, 2, 0x8108, 0xffff, 0);
	start(true);
	assert_int_equal(read_at(PM + 2, 2), 0x0003);
	assert_int_equal(read_at(PM + 4, 4), 0x0008);
	assert_int_equal(write_at(PM + 4, 2, 0xff03), CONFIG_POWER);
	assert_int_equal(read_at(PM + 4, 4), 0x000b);
	assert_int_equal(write_at(PM + 4, 2, 2), 0);
	assert_int_equal(read_at(PM + 4, 2), 0x000b);
	assert_int_equal(write_at(PM + 4, 1, 0), CONFIG_POWER);
	assert_int_equal(read_at(PM + 4, 2), 0x0008);
	assert_int_equal(write_at(PM + 5, 1, 3), 0);
	assert_int_equal(fake_get(fake, PM + 4, 2), 0x8108);
}

/* Whatever is written anywhere: only what the client may touch changes in the hardware. */
static void nothing_else_reaches_the_hardware(void **state)
{
	static uint8_t allowed[4096];
	static uint8_t before[4096];

	(void)state;
	memset(fake->writable, 0xff, sizeof(fake->writable));
	memset(fake->clearable, 0, sizeof(fake->clearable));
	memcpy(before, fake->value, sizeof(before));
	memset(allowed, 0, sizeof(allowed));
	allowed[7] = 0xf9;
	allowed[VPD + 2] = 0xff;
	allowed[VPD + 3] = 0x7f;
	allowed[PCIE + 8] = 0x10;
	allowed[PCIE + 9] = 0x79;
	allowed[PCIE + 10] = 0x0f;
	srand(1);
	for (unsigned int i = 0; i < 200000; i++) {
		unsigned int size = 1u << (rand() % 3);
		unsigned int offset = (unsigned int)rand() % 4096 & ~(size - 1);

		write_at(offset, size, (uint32_t)rand() ^ (uint32_t)rand() << 16);
		(void)read_at(offset, size);
	}
	for (unsigned int i = 0; i < 4096; i++)
		assert_int_equal((fake->value[i] ^ before[i]) & ~allowed[i] & 0xff, 0);
}

/* What a function translates by itself the IOMMU would not check. */
static void own_translations_are_off(void **state)
{
	(void)state;
	start(true);
	assert_int_equal(fake_get(fake, 0x180 + 6, 2), 0);
	assert_int_equal(fake_get(fake, PRI + 4, 2), 0);
	assert_int_equal(fake_get(fake, PASID + 6, 2), 0);
	for (unsigned int offset = 0; offset < 4; offset += 2) {
		config_filter_write(&filter, 0x180 + 4 + offset, 2, 0xffff);
		config_filter_write(&filter, PRI + 4 + offset, 2, 0xffff);
		config_filter_write(&filter, PASID + 4 + offset, 2, 0xffff);
	}
	assert_int_equal(fake_get(fake, 0x180 + 6, 2), 0);
	assert_int_equal(fake_get(fake, PRI + 4, 2), 0);
	assert_int_equal(fake_get(fake, PASID + 6, 2), 0);
}

static void phantom_functions_are_off(void **state)
{
	(void)state;
	fake_set(fake, PCIE + 8, 2, 0x0200, 0xffff, 0);
	start(true);
	assert_false(fake_get(fake, PCIE + 8, 2) & 0x0200);
	config_filter_write(&filter, PCIE + 8, 2, 0xffff);
	assert_false(fake_get(fake, PCIE + 8, 2) & 0x0200);
}

/* Bits of the real function that a client's write may change, by the specification. */
static uint32_t may_change(unsigned int offset)
{
	switch (offset) {
	case 4:
		return 0xf9000000u; /* errors in the status register: cleared */
	case VPD:
		return 0x7fff0000u; /* where to read, never that it is written */
	case PCIE + 8:
		return 0x000f7110u; /* ordering, tags, read size; errors: cleared */
	default:
		return 0;
	}
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* WRITES=10000000 build/host/platform-filter: as many as that. */
static unsigned long write_count(void)
{
	const char *text = getenv("WRITES");

	return text ? strtoul(text, NULL, 10) : 100000;
}

/* All is writable in this device but what says which capabilities it has: the filter alone decides.
 */
static void make_all_writable(void)
{
	for (unsigned int offset = 0x40; offset < 4096; offset++)
		if (!fake->value[offset])
			fake->writable[offset] |= 0xff;
}

typedef void write_function(unsigned int offset, unsigned int size, uint32_t value);

static void write_filtered(unsigned int offset, unsigned int size, uint32_t value)
{
	(void)config_filter_write(&filter, offset, size, value);
	(void)config_filter_read(&filter, offset, size);
}

static void write_unfiltered(unsigned int offset, unsigned int size, uint32_t value)
{
	pci_config_write(filter.function->bdf, offset, size, value);
}

/* How many of the writes changed what a client must not. */
static unsigned long crimes(write_function *write, unsigned long writes)
{
	uint32_t random = 0x12345678;
	uint8_t before[4096];
	unsigned long count = 0;

	for (unsigned long i = writes; i; i--) {
		unsigned int size = 1u << next_random(&random) % 3;
		unsigned int offset = next_random(&random) % (i % 2 ? 256 : 4096) & ~(size - 1);
		unsigned int at = offset & ~3u;
		uint32_t old, new;

		memcpy(before, fake->value, sizeof(before));
		write(offset, size, next_random(&random));
		old = fake_get(fake, at, 4);
		memcpy(&new, before + at, 4);
		memcpy(before + at, fake->value + at, 4);
		count += ((old ^ new) & ~may_change(at)) ||
			 memcmp(before, fake->value, sizeof(before));
	}
	return count;
}

static void hostile_writes_change_nothing_else(void **state)
{
	(void)state;
	make_all_writable();
	start(true);
	assert_int_equal(crimes(write_filtered, write_count()), 0);
}

/* The positive control. */
static void without_the_filter_they_do(void **state)
{
	(void)state;
	make_all_writable();
	start(true);
	assert_in_range(crimes(write_unfiltered, 1000), 100, 1000);
}

/* More functions than there is room for: nobody gets the rest, and all of it is silent. */
static void functions_left_out_are_silent(void **state)
{
	struct fake_function *other = fake_pci_add(PCI_BDF(0, 4, 3), 0x1b36, 0x000d, 0x0c0330);

	(void)state;
	fake_set(fake, CFG_HEADER_TYPE, 1, HEADER_MULTIFUNCTION, 0, 0);
	fake_set(fake, CFG_COMMAND, 2, COMMAND_MASTER | COMMAND_MEMORY, 0xffff, 0);
	fake_set(other, CFG_COMMAND, 2, COMMAND_MASTER | COMMAND_MEMORY, 0xffff, 0);
	tree.count = PCI_TREE_FUNCTIONS;
	for (unsigned int i = 0; i < tree.count; i++)
		tree.function[i] = (struct pci_function){ .bdf = PCI_BDF(255, 0, 0) };
	pci_tree_scan(&tree, 0);
	assert_int_equal(tree.count, PCI_TREE_FUNCTIONS);
	assert_int_equal(fake_get(fake, CFG_COMMAND, 2), COMMAND_INTX_DISABLE | COMMAND_MEMORY);
	assert_int_equal(fake_get(other, CFG_COMMAND, 2), COMMAND_INTX_DISABLE | COMMAND_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(enumeration_reads_sizes, prepare),
		cmocka_unit_test_setup(functions_left_out_are_silent, prepare),
		cmocka_unit_test_setup(no_snoop_stays_off, prepare),
		cmocka_unit_test_setup(identity_is_real_and_fixed, prepare),
		cmocka_unit_test_setup(bars_answer_sizing, prepare),
		cmocka_unit_test_setup(rom_has_size_and_a_place_of_its_own, prepare),
		cmocka_unit_test_setup(command_is_told_not_written, prepare),
		cmocka_unit_test_setup(status_bits_are_cleared_by_one, prepare),
		cmocka_unit_test_setup(list_goes_around_hidden_capabilities, prepare),
		cmocka_unit_test_setup(msix_can_be_hidden, prepare),
		cmocka_unit_test_setup(product_data_is_read_only, prepare),
		cmocka_unit_test_setup(product_data_of_several_functions_is_hidden, prepare),
		cmocka_unit_test_setup(overlapping_capabilities_stay_closed, prepare),
		cmocka_unit_test_setup(looping_list_ends, prepare),
		cmocka_unit_test_setup(extended_list_hides, prepare),
		cmocka_unit_test_setup(msi_fields_are_virtual, prepare),
		cmocka_unit_test_setup(msix_enable_is_told, prepare),
		cmocka_unit_test_setup(express_control_is_filtered, prepare),
		cmocka_unit_test_setup(reset_bits_are_told, prepare),
		cmocka_unit_test_setup(power_state_is_a_wish, prepare),
		cmocka_unit_test_setup(nothing_else_reaches_the_hardware, prepare),
		cmocka_unit_test_setup(own_translations_are_off, prepare),
		cmocka_unit_test_setup(phantom_functions_are_off, prepare),
		cmocka_unit_test_setup(without_the_filter_they_do, prepare),
		cmocka_unit_test_setup(hostile_writes_change_nothing_else, prepare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
