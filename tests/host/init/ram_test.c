/* SPDX-License-Identifier: MIT */
/*
 * Where a guest's RAM lies: all of it is attached, once, to addresses that nothing else has,
 * however the machine's free memory is cut up and wherever devices have their windows.
 */
#include "tests/host/lib/test.h"

#include "init/arch.h"
#include "init/guest.h"
#include "init/report.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "session/pci.h"

#define GIB (1ull << 30)
#define HIGH (4 * GIB)
#define MESSAGES_BEGIN 0xfee00000
#define MESSAGES_END 0xfef00000
#define MOST_RUNS 8

const purlin_u64 arch_guest_linear_map = 1ull << 60, arch_guest_image_map = 1ull << 61;

/* Free runs of the machine: of the first so many bytes lie below 4 GiB. */
static struct {
	purlin_u64 bytes;
	bool low;
} runs[MOST_RUNS];
static unsigned int run_count;
static purlin_u64 object_bytes[COMPONENT_MEMORIES], attached[COMPONENT_MEMORIES];
static bool object_low[COMPONENT_MEMORIES];
static purlin_u64 mapped;
static unsigned int objects;
static bool told;

purlin_s64 memory_new(purlin_u64 account, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory)
{
	purlin_u64 bytes = pages * PURLIN_PAGE_SIZE;

	(void)account;
	assert_true(flags & PURLIN_MEMORY_CONTIGUOUS);
	for (unsigned int i = 0; i < run_count; i++) {
		if (runs[i].bytes < bytes || (flags & PURLIN_MEMORY_BELOW_4G && !runs[i].low))
			continue;
		runs[i].bytes -= bytes;
		assert_true(objects < COMPONENT_MEMORIES);
		object_bytes[objects] = bytes;
		object_low[objects] = runs[i].low;
		*memory = ++objects;
		return PURLIN_OK;
	}
	return PURLIN_NO_MEMORY;
}

purlin_s64 purlin_guest_attach(purlin_u64 pd, purlin_u64 guest_physical, purlin_u64 memory,
			       purlin_u64 offset, purlin_u64 pages, purlin_u64 rights)
{
	(void)pd;
	(void)guest_physical;
	assert_int_equal(rights, PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE);
	/* From its beginning to its end, without holes. */
	assert_int_equal(offset * PURLIN_PAGE_SIZE, attached[memory - 1]);
	attached[memory - 1] += pages * PURLIN_PAGE_SIZE;
	assert_true(attached[memory - 1] <= object_bytes[memory - 1]);
	return PURLIN_OK;
}

purlin_s64 purlin_guest_map(purlin_u64 pd, purlin_u64 address, purlin_u64 guest_physical,
			    purlin_u64 pages, purlin_u64 rights)
{
	(void)pd;
	assert_int_equal(address - guest_physical, address < arch_guest_image_map ?
							   arch_guest_linear_map :
							   arch_guest_image_map);
	assert_int_equal(!!(rights & PURLIN_MAP_EXECUTE), address >= arch_guest_image_map);
	if (address < arch_guest_image_map)
		mapped += pages * PURLIN_PAGE_SIZE;
	return PURLIN_OK;
}

void report(const struct component *component, const char *format, ...)
{
	(void)component;
	(void)format;
	told = true;
}

static bool meet(purlin_u64 a, purlin_u64 a_end, purlin_u64 b, purlin_u64 b_end)
{
	return a < b_end && b < a_end;
}

static void check_part(const struct new_guest *guest, const struct guest_part *part)
{
	purlin_u64 end = part->address + part->bytes;

	assert_true(part->bytes && end <= 1ull << 46);
	assert_false(meet(part->address, end, MESSAGES_BEGIN, MESSAGES_END));
	assert_true(end <= HIGH || part->address >= HIGH);
	/* What one entry of Linux's linear map covers is one part's. */
	assert_int_equal(part->address % LARGE_PAGE, 0);
	assert_int_equal(part->offset % LARGE_PAGE, 0);
	for (unsigned int i = 0; i < guest->window_count; i++)
		assert_false(meet(part->address, end, guest->windows[i].base,
				  guest->windows[i].base + guest->windows[i].size));
	for (const struct guest_part *other = guest->parts; other < part; other++) {
		purlin_u64 other_end = other->address + other->bytes;

		assert_false(meet(part->address, end, other->address, other_end));
		/* Of different pieces: never one run, as devices find them in different places. */
		assert_true(other->piece == part->piece || other_end < part->address);
	}
}

static purlin_s64 take(struct new_guest *guest, purlin_u64 bytes, bool rest)
{
	static struct component component;
	static struct component_description wanted;
	purlin_u64 sum = 0;
	purlin_s64 status;

	component = (struct component){ 0 };
	wanted = (struct component_description){ .memory = bytes, .memory_rest = rest };
	guest->component = &component;
	guest->wanted = &wanted;
	memset(attached, 0, sizeof(attached));
	objects = 0;
	mapped = 0;
	told = false;
	status = guest_ram(guest);
	if (status)
		return status;
	assert_int_equal(guest->parts[0].address, 0);
	assert_true(object_low[0]);
	for (unsigned int i = 0; i < guest->part_count; i++) {
		check_part(guest, &guest->parts[i]);
		sum += guest->parts[i].bytes;
	}
	for (unsigned int i = 0; i < objects; i++)
		assert_int_equal(attached[i], object_bytes[i]);
	assert_int_equal(sum, guest->ram_bytes);
	guest->image_end = 20 * MIB;
	assert_int_equal(guest_map_kernel(guest), PURLIN_OK);
	assert_int_equal(mapped, sum);
	return PURLIN_OK;
}

/* As q35 with much memory has them: from 2 GiB on, and where 64-bit BARs go. */
static void windows_of_a_machine(struct new_guest *guest, purlin_u64 high)
{
	guest->windows[0] = (struct guest_window){ 2 * GIB, 0x30000000, PCI_BAR_MEMORY };
	guest->windows[1] = (struct guest_window){ 0xc0000000, 0x3ec00000, PCI_BAR_MEMORY };
	guest->windows[2] = (struct guest_window){ high, 32 * GIB, PCI_BAR_MEMORY };
	guest->window_count = 3;
}

static void machine(purlin_u64 low, purlin_u64 high)
{
	runs[0].bytes = high;
	runs[0].low = false;
	runs[1].bytes = low;
	runs[1].low = true;
	run_count = 2;
}

static void little_memory_is_one_piece(void **state)
{
	struct new_guest guest = { 0 };

	(void)state;
	machine(400 * MIB, 0);
	assert_int_equal(take(&guest, 256 * MIB, false), PURLIN_OK);
	assert_int_equal(guest.part_count, 1);
	machine(400 * MIB, 0);
	guest = (struct new_guest){ 0 };
	assert_int_equal(take(&guest, 20 * MIB + 4096, false), PURLIN_OK);
	assert_int_equal(guest.ram_bytes, 20 * MIB + 4096);
}

static void much_memory_lies_above_4g_too(void **state)
{
	static const purlin_u64 sizes[] = { 3, 8, 16, 300 };

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct new_guest guest = { 0 };

		machine(2 * GIB - 100 * MIB, sizes[i] * GIB - 2 * GIB);
		windows_of_a_machine(&guest, (sizes[i] + 2) * GIB);
		assert_int_equal(take(&guest, sizes[i] * GIB - 500 * MIB, false), PURLIN_OK);
		assert_int_equal(guest.ram_bytes, sizes[i] * GIB - 500 * MIB);
		assert_true(guest.part_count >= 2 && guest.parts[1].address >= HIGH);
	}
}

/* A window right where the second piece would lie, and one in the midst of it. */
static void windows_part_a_piece(void **state)
{
	struct new_guest guest = { 0 };

	(void)state;
	machine(2 * GIB, 6 * GIB);
	windows_of_a_machine(&guest, HIGH - GIB);
	guest.windows[2].size = 2 * GIB + 12288;
	guest.windows[3] = (struct guest_window){ 7 * GIB + 4096, 4096, PCI_BAR_MEMORY };
	guest.window_count = 4;
	assert_int_equal(take(&guest, 6 * GIB, false), PURLIN_OK);
	assert_int_equal(guest.part_count, 3);
	assert_int_equal(guest.parts[1].address, 5 * GIB + LARGE_PAGE);
	assert_int_equal(guest.parts[2].address, 7 * GIB + LARGE_PAGE);
}

static void a_low_window_leaves_room(void **state)
{
	struct new_guest guest = { .window_count = 1 };

	(void)state;
	guest.windows[0] = (struct guest_window){ 512 * MIB, GIB, PCI_BAR_MEMORY };
	machine(2 * GIB, 0);
	assert_int_equal(take(&guest, 600 * MIB, false), PURLIN_OK);
	/* Sessions' memory goes between RAM and the window. */
	assert_true(guest.parts[0].bytes < 512 * MIB && guest.parts[0].bytes >= 480 * MIB);
	guest = (struct new_guest){ .window_count = 1 };
	guest.windows[0] = (struct guest_window){ MIB, GIB, PCI_BAR_MEMORY };
	assert_int_equal(take(&guest, 600 * MIB, false), PURLIN_OVERLAP);
}

static void cut_up_memory_is_put_together(void **state)
{
	struct new_guest guest = { 0 };

	(void)state;
	run_count = MOST_RUNS;
	for (unsigned int i = 0; i < MOST_RUNS; i++) {
		runs[i].bytes = (100 + 30 * i) * MIB;
		runs[i].low = i < 4;
	}
	assert_int_equal(take(&guest, 1200 * MIB, false), PURLIN_OK);
	assert_false(told);
	guest = (struct new_guest){ 0 };
	/* Not that much is left: said, and refused; all that there is, for who wants the rest. */
	assert_int_equal(take(&guest, 2000 * MIB, false), PURLIN_NO_MEMORY);
	assert_true(told);
	for (unsigned int i = 0; i < MOST_RUNS; i++)
		runs[i].bytes = 64 * MIB;
	guest = (struct new_guest){ 0 };
	assert_int_equal(take(&guest, 2000 * MIB, true), PURLIN_OK);
	assert_int_equal(guest.ram_bytes, MOST_RUNS * 64 * MIB);
}

static void nothing_low_is_refused(void **state)
{
	struct new_guest guest = { 0 };

	(void)state;
	machine(0, 8 * GIB);
	assert_int_equal(take(&guest, 256 * MIB, true), PURLIN_NO_MEMORY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(little_memory_is_one_piece),
		cmocka_unit_test(much_memory_lies_above_4g_too),
		cmocka_unit_test(windows_part_a_piece),
		cmocka_unit_test(a_low_window_leaves_room),
		cmocka_unit_test(cut_up_memory_is_put_together),
		cmocka_unit_test(nothing_low_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
