/* SPDX-License-Identifier: MIT */
/*
 * A new kind of session for Linux is a header, a server, and one line of session/services.h. This
 * is built twice: with the line for Meter, where a description may name meters and a guest finds
 * them in its device tree; and without, where the same description is refused.
 */
#include "tests/host/lib/test.h"

#include <libfdt.h>

#include "init/arch.h"
#include "init/boot_data.h"
#include "init/control.h"
#include "init/create.h"
#include "init/device_sessions.h"
#include "init/guest.h"
#include "init/report.h"
#include "init/route.h"
#include "init/wall_clock.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "tests/components/meter/meter.h"

#define METER_SLOT 100 /* of init, with the meter's session */
#define SIGNAL_SLOT 200
#define MEMORY_SLOT 300
#define NOTIFY_SLOT 400
#define METERS 2

static struct purlin_boot_info info;
const struct purlin_boot_info *boot_info = &info;
purlin_u64 wall_clock_ns, wall_clock_tsc;

/* What the guest was given. */
static unsigned int starts;
static purlin_u64 badges[METERS], attached[METERS], notify[METERS];
static uint8_t tree_memory[GUEST_TREE_BYTES];
static char said[256];

struct thread *thread_self(void)
{
	static struct purlin_message buffer;
	static struct thread self = { .message = &buffer };

	return &self;
}

/* No guest here has control of anybody. */
purlin_s64 control_open(const struct component *component, purlin_u64 *slot)
{
	(void)component;
	(void)slot;
	return PURLIN_NO_RIGHT;
}

purlin_s64 route_open(struct component *component, const char *service, const char *label,
		      const purlin_u64 *arguments, unsigned int argument_count, purlin_u64 *slot)
{
	(void)component;
	(void)arguments;
	assert_string_equal(service, "Meter");
	assert_string_equal(label, starts ? "water" : "power");
	assert_int_equal(argument_count, 0);
	*slot = METER_SLOT;
	return PURLIN_OK;
}

/* The server of Meter. */
purlin_s64 route_exchange(struct component *component, const char *service, purlin_u64 session,
			  purlin_u32 operation, unsigned int words, unsigned int sent,
			  const purlin_u64 *send, unsigned int wanted, purlin_u64 *received)
{
	(void)component;
	assert_string_equal(service, "Meter");
	assert_int_equal(session, METER_SLOT);
	assert_int_equal(operation, METER_START);
	assert_int_equal(words, 0);
	assert_int_equal(sent, 1);
	assert_int_equal(send[0], SIGNAL_SLOT);
	assert_int_equal(wanted, 2);
	received[0] = MEMORY_SLOT;
	received[1] = NOTIFY_SLOT;
	return PURLIN_OK;
}

purlin_s64 slot_copy(purlin_u64 from, purlin_u64 rights, purlin_u64 badge, purlin_u64 *copy)
{
	assert_int_equal(from, 77); /* the first word's signal */
	assert_int_equal(rights, PURLIN_RIGHT_WRITE);
	badges[starts] = badge;
	*copy = SIGNAL_SLOT;
	return PURLIN_OK;
}

void slot_delete(purlin_u64 slot)
{
	assert_true(slot == METER_SLOT || slot == SIGNAL_SLOT || slot == MEMORY_SLOT ||
		    slot == NOTIFY_SLOT);
}

purlin_s64 purlin_guest_attach(purlin_u64 pd, purlin_u64 guest_physical, purlin_u64 memory,
			       purlin_u64 offset, purlin_u64 pages, purlin_u64 rights)
{
	(void)pd;
	assert_int_equal(memory, MEMORY_SLOT);
	assert_int_equal(offset, 0);
	assert_int_equal(pages, METER_PAGES);
	assert_int_equal(rights, PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	attached[starts] = guest_physical;
	return PURLIN_OK;
}

/* No session of these tests is of a device. */
purlin_s64 memory_new(purlin_u64 account, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory)
{
	(void)account;
	(void)pages;
	(void)flags;
	(void)memory;
	return PURLIN_NO_MEMORY;
}

purlin_s64 device_session_open(struct component *component, struct device_session *session)
{
	(void)component;
	(void)session;
	return PURLIN_DEAD;
}

purlin_s64 component_give(struct component *component, purlin_u64 pd_slot, purlin_u64 from,
			  purlin_u64 rights, purlin_u64 badge)
{
	(void)component;
	assert_int_equal(from, NOTIFY_SLOT);
	assert_int_equal(rights, PURLIN_RIGHT_WRITE);
	assert_int_equal(badge, 0);
	notify[starts++] = pd_slot;
	return PURLIN_OK;
}

purlin_s64 guest_ram_map(struct new_guest *guest, purlin_u64 address, purlin_u64 bytes,
			 void **window)
{
	(void)guest;
	(void)address;
	assert_int_equal(bytes, sizeof(tree_memory));
	*window = tree_memory;
	return PURLIN_OK;
}

void memory_unmap(void *address)
{
	assert_ptr_equal(address, tree_memory);
}

bool arch_random(purlin_u64 *value)
{
	*value = 1;
	return true;
}

void report(const struct component *component, const char *format, ...)
{
	(void)component;
	fail_msg("%s", format);
}

static void note_error(void *context, const char *node, const char *property, const char *reason)
{
	(void)context;
	(void)node;
	snprintf(said, sizeof(said), "%s: %s", property ? property : "", reason);
}

static unsigned int read_system(struct description *system)
{
	static const struct description_target target = { .error = note_error };
	static char tree[4096];
	FILE *pipe = popen("dtc -q -I dts -O dtb tests/host/init/meter.dts", "r");
	size_t bytes;

	assert_non_null(pipe);
	bytes = fread(tree, 1, sizeof(tree), pipe);
	assert_int_equal(pclose(pipe), 0);
	return description_read(system, tree, bytes, &target);
}

#ifdef METER_LINE
static uint64_t cells(int node, const char *name, unsigned int count)
{
	int bytes;
	const fdt32_t *cell = fdt_getprop(tree_memory, node, name, &bytes);
	uint64_t value = 0;

	assert_non_null(cell);
	assert_true(bytes >= (int)(4 * count));
	for (unsigned int i = 0; i < count; i++)
		value = value << 32 | fdt32_to_cpu(cell[i]);
	return value;
}

static void check_node(const struct new_guest *guest, unsigned int index)
{
	char path[64];
	int node;

	snprintf(path, sizeof(path), "/meter@%llx", (unsigned long long)attached[index]);
	node = fdt_path_offset(tree_memory, path);
	assert_true(node >= 0);
	assert_string_equal(fdt_getprop(tree_memory, node, "compatible", NULL), "purlin,meter");
	assert_string_equal(fdt_getprop(tree_memory, node, "label", NULL),
			    guest->wanted->sessions[index].label);
	assert_int_equal(cells(node, "reg", 2), attached[index]);
	assert_int_equal(cells(node, "purlin,notify", 1), notify[index]);
	assert_int_equal(1ull << cells(node, "purlin,event", 1), badges[index]);
}

static void guest_finds_its_meters(void **state)
{
	static struct description system;
	static struct component component;
	struct new_guest guest = { .component = &component,
				   .part_count = 1,
				   .parts = { { .bytes = 16 << 20 } },
				   .next_slot = 16,
				   .next_event = 1,
				   .memory_end = 16 << 20,
				   .vcpu_slots = { 3 } };
	int node;

	(void)state;
	if (read_system(&system))
		fail_msg("%s", said);
	guest.wanted = &system.components[1];
	component.processors[0].signals[0] = 77;
	assert_int_equal(guest_sessions(&guest), PURLIN_OK);
	assert_int_equal(starts, METERS);
	assert_int_equal(guest_tree(&guest), PURLIN_OK);
	assert_int_equal(attached[1], attached[0] + METER_PAGES * PURLIN_PAGE_SIZE);
	assert_int_not_equal(notify[0], notify[1]);
	assert_int_not_equal(badges[0], badges[1]);
	for (unsigned int i = 0; i < METERS; i++)
		check_node(&guest, i);
	/* The guest's own slots begin behind those given out. */
	node = fdt_path_offset(tree_memory, "/purlin");
	assert_int_equal(cells(node, "purlin,slots", 1), notify[1] + 1);
}
#else
static void unknown_without_the_line(void **state)
{
	static struct description system;

	(void)state;
	assert_int_equal(read_system(&system), 1);
	assert_string_equal(said, "meters: unknown property");
}
#endif

int main(void)
{
	static const struct CMUnitTest tests[] = {
#ifdef METER_LINE
		cmocka_unit_test(guest_finds_its_meters),
#else
		cmocka_unit_test(unknown_without_the_line),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
