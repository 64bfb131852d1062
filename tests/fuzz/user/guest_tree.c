// SPDX-License-Identifier: MIT
/*
 * The device tree that a guest gets, init/guest_tree.c, for any guest that a description allows: it
 * fits, or is refused; what was put in is what libfdt reads out of it.
 */
#include "blocks.h"

#include <libfdt.h>

#include "init/arch.h"
#include "init/boot_data.h"
#include "init/guest.h"
#include "init/report.h"
#include "init/wall_clock.h"
#include "runtime/memory.h"

purlin_u64 wall_clock_ns, wall_clock_tsc;
static struct purlin_boot_info info;
const struct purlin_boot_info *boot_info = &info;

static uint8_t *window;
static bool told;

purlin_s64 guest_ram_map(struct new_guest *guest, purlin_u64 address, purlin_u64 bytes,
			 void **place)
{
	MUST(address == guest->tree && bytes == GUEST_TREE_BYTES && !window);
	window = calloc(1, bytes);
	*place = window;
	return PURLIN_OK;
}

bool arch_random(purlin_u64 *value)
{
	*value = 4;
	return true;
}

/* The window stays, to be read by the target. */
void memory_unmap(void *address)
{
	MUST(address == window);
}

void report(const struct component *component, const char *format, ...)
{
	(void)component;
	(void)format;
	told = true;
}

static uint64_t read_u64(const void *tree, int node, const char *name, unsigned int index)
{
	int bytes = 0;
	const uint8_t *value = fdt_getprop(tree, node, name, &bytes);
	fdt64_t raw;

	MUST(value && (unsigned int)bytes >= 8 * (index + 1));
	memcpy(&raw, value + 8 * index, 8);
	return fdt64_to_cpu(raw);
}

static uint32_t read_u32(const void *tree, int node, const char *name)
{
	int bytes = 0;
	const void *value = fdt_getprop(tree, node, name, &bytes);
	fdt32_t raw;

	MUST(value && bytes == sizeof(raw));
	memcpy(&raw, value, sizeof(raw));
	return fdt32_to_cpu(raw);
}

static void check_sessions(const void *tree, const struct new_guest *guest)
{
	unsigned int count = 0;

	for (int node = fdt_first_subnode(tree, 0); node >= 0;
	     node = fdt_next_subnode(tree, node)) {
		const struct guest_session *session = &guest->sessions[count];

		if (strncmp(fdt_get_name(tree, node, NULL), "console@", 8))
			continue;
		MUST(count++ < guest->session_count);
		MUST(read_u64(tree, node, "reg", 0) == session->address);
		MUST(read_u32(tree, node, "purlin,notify") == (uint32_t)session->notify);
		MUST(read_u32(tree, node, "purlin,event") == session->event);
		MUST(!strcmp(fdt_getprop(tree, node, "label", NULL), session->wanted->label));
	}
	MUST(count == guest->session_count);
}

static void check_cpus(const void *tree, const struct new_guest *guest)
{
	int cpus = fdt_path_offset(tree, "/cpus"), node;
	unsigned int count = 0;

	for (node = fdt_first_subnode(tree, cpus); node >= 0; node = fdt_next_subnode(tree, node)) {
		MUST(read_u32(tree, node, "reg") == count);
		MUST(read_u32(tree, node, "purlin,vcpu") == (uint32_t)guest->vcpu_slots[count]);
		MUST(read_u32(tree, node, "purlin,events") == (uint32_t)guest->event_slots[count]);
		count++;
	}
	MUST(count == guest->wanted->vcpus);
}

/* The first part's range ends at 4 GiB of bus addresses, whatever lies behind the part. */
static void check_dma(const void *tree, int node, const struct new_guest *guest)
{
	int bytes = 0;
	const fdt32_t *cell = fdt_getprop(tree, node, "dma-ranges", &bytes);

	MUST(cell && (unsigned int)bytes == guest->part_count * 28);
	for (unsigned int i = 0; i < guest->part_count; i++, cell += 7) {
		const struct guest_part *part = &guest->parts[i];
		uint64_t bus = (uint64_t)fdt32_to_cpu(cell[1]) << 32 | fdt32_to_cpu(cell[2]);
		uint64_t address = (uint64_t)fdt32_to_cpu(cell[3]) << 32 | fdt32_to_cpu(cell[4]);
		uint64_t size = (uint64_t)fdt32_to_cpu(cell[5]) << 32 | fdt32_to_cpu(cell[6]);

		MUST(bus == part->bus && address == part->address);
		MUST(size == (i ? part->bytes : (1ull << 32) - bus));
	}
}

/* Each window: space, bus address, guest-physical address, size; seven cells. */
static void check_pci(const void *tree, const struct new_guest *guest)
{
	int node = fdt_path_offset(tree, "/pci"), bytes = 0;
	const fdt32_t *cell;

	MUST((node >= 0) == (guest->pci != 0));
	if (node < 0)
		return;
	check_dma(tree, node, guest);
	cell = fdt_getprop(tree, node, "ranges", &bytes);
	MUST(cell && (unsigned int)bytes == guest->window_count * 28);
	for (unsigned int i = 0; i < guest->window_count; i++, cell += 7) {
		uint64_t base = (uint64_t)fdt32_to_cpu(cell[1]) << 32 | fdt32_to_cpu(cell[2]);
		uint64_t size = (uint64_t)fdt32_to_cpu(cell[5]) << 32 | fdt32_to_cpu(cell[6]);

		MUST(base == guest->windows[i].base && size == guest->windows[i].size);
		MUST((fdt32_to_cpu(cell[0]) & 0x03000000) ==
		     (base >> 32 ? 0x03000000 : 0x02000000));
	}
}

static void check(const void *tree, const struct new_guest *guest)
{
	int node;
	const char *text;

	MUST(!fdt_check_full(tree, GUEST_TREE_BYTES));
	node = fdt_path_offset(tree, "/chosen");
	text = fdt_getprop(tree, node, "bootargs", NULL);
	MUST(text && !strcmp(text, guest->wanted->bootargs));
	if (guest->initrd.end)
		MUST(read_u64(tree, node, "linux,initrd-start", 0) == guest->initrd.start &&
		     read_u64(tree, node, "linux,initrd-end", 0) == guest->initrd.end);
	node = fdt_path_offset(tree, "/memory@0");
	for (unsigned int i = 0; i < guest->part_count; i++)
		MUST(read_u64(tree, node, "reg", 2 * i) == guest->parts[i].address &&
		     read_u64(tree, node, "reg", 2 * i + 1) == guest->parts[i].bytes);
	check_cpus(tree, guest);
	check_sessions(tree, guest);
	check_pci(tree, guest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char bootargs[0x14000];
	const struct description_session console = { description_service("Terminal"), "label" };
	struct input input = { data, size };
	struct component_description wanted = { .bootargs = bootargs };
	struct new_guest guest = { .wanted = &wanted };
	size_t length = input_bytes(&input, 2) % (input_byte(&input) < 230 ? 2048 : 0x12000);
	purlin_s64 status;

	guest.part_count = 1 + (unsigned int)input_choice(&input, GUEST_PARTS);
	for (unsigned int i = 0; i < guest.part_count; i++)
		guest.parts[i] = (struct guest_part){ .address = i ? input_number(&input) : 0,
						      .bytes = input_number(&input),
						      .bus = input_number(&input) };
	guest.tree = input_number(&input);
	wanted.vcpus = 1 + (uint32_t)input_choice(&input, DESCRIPTION_VCPUS);
	for (unsigned int i = 0; i < wanted.vcpus; i++) {
		guest.vcpu_slots[i] = 3 + 5 * i;
		guest.event_slots[i] = 10 + 5 * i;
	}
	guest.session_count = input_choice(&input, DESCRIPTION_SESSIONS + 1);
	for (unsigned int i = 0; i < guest.session_count; i++)
		guest.sessions[i] = (struct guest_session){ &console, input_number(&input),
							    input_bytes(&input, 2), i + 1, NULL };
	guest.initrd.start = input_number(&input);
	guest.initrd.end = input_number(&input);
	guest.pci = input_bit(&input);
	guest.window_count = input_choice(&input, GUEST_WINDOWS + 1);
	for (unsigned int i = 0; i < guest.window_count; i++)
		guest.windows[i] =
			(struct guest_window){ input_number(&input), input_number(&input),
					       input_bytes(&input, 2) };
	memset(bootargs, 'x', length);
	bootargs[length] = 0;
	told = false;
	status = guest_tree(&guest);
	/* What a description allows fits. */
	MUST(length >= 2048 || !status);
	MUST(told == (status != 0));
	if (!status)
		check(window, &guest);
	free(window);
	window = NULL;
	return 0;
}
