/* SPDX-License-Identifier: MIT */
/* The device tree a guest gets: docs/guest-device-tree.md. */
#include <libfdt.h>
#include <stdio.h>

#include "arch.h"
#include "boot_data.h"
#include "guest.h"
#include "purlin/calls.h"
#include "report.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "tree.h"
#include "wall_clock.h"

#define SEED_BYTES 64

/* Devicetree Specification 0.4, 5.2; IEEE 1275 PCI binding: the space code of an address. */
#define PCI_SPACE_MEMORY_32 0x02000000
#define PCI_SPACE_MEMORY_64 0x03000000
#define PCI_SPACE_PREFETCHABLE 0x40000000
#define RANGE_CELLS 7
#define DMA_32_END (1ull << 32)

/* The finaliser of the splitmix generator: spreads the bits that differ over all. */
static purlin_u64 mixed(purlin_u64 value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

/*
 * The processor's random numbers, where it has any. The clock alone would be guessable, but is
 * better than nothing: Linux mixes in its own sources later.
 */
static void put_seed(struct tree *tree)
{
	purlin_u64 seed[SEED_BYTES / 8];
	purlin_u64 state = wall_clock_ns;

	for (unsigned int i = 0; i < SEED_BYTES / 8; i++) {
		purlin_u64 random = 0;

		(void)arch_random(&random);
		state = mixed(state + 0x9e3779b97f4a7c15ull + tsc_now());
		seed[i] = state ^ random;
	}
	tree_bytes(tree, "rng-seed", seed, sizeof(seed));
}

/* As vanilla names formats (simple-framebuffer's binding); all have blue or red at bit 0. */
static const struct {
	const char *name;
	uint8_t depth, red_at, green_at, blue_at, bits;
} formats[] = {
	{ "x8r8g8b8", 32, 16, 8, 0, 8 },      { "a8b8g8r8", 32, 0, 8, 16, 8 },
	{ "x2r10g10b10", 32, 20, 10, 0, 10 }, { "r8g8b8", 24, 16, 8, 0, 8 },
	{ "r5g6b5", 16, 11, 5, 0, 5 },	      { "x1r5g5b5", 16, 10, 5, 0, 5 },
};

static const char *format_of(const struct purlin_framebuffer *framebuffer)
{
	for (unsigned int i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].depth == framebuffer->depth &&
		    formats[i].red_at == framebuffer->red_at &&
		    formats[i].green_at == framebuffer->green_at &&
		    formats[i].blue_at == framebuffer->blue_at &&
		    formats[i].bits == framebuffer->red_bits)
			return formats[i].name;
	return NULL;
}

/* Linux's binding wants it below /chosen. */
static void put_framebuffer(struct tree *tree)
{
	const struct purlin_framebuffer *framebuffer = &boot_info->framebuffer;
	char name[32];

	tree_cell(tree, "#address-cells", 2);
	tree_cell(tree, "#size-cells", 2);
	tree_empty(tree, "ranges");
	snprintf(name, sizeof(name), "framebuffer@%lx", framebuffer->base);
	tree_begin(tree, name);
	tree_text(tree, "compatible", "simple-framebuffer");
	tree_reg(tree, framebuffer->base, (purlin_u64)framebuffer->pitch * framebuffer->height);
	tree_cell(tree, "width", framebuffer->width);
	tree_cell(tree, "height", framebuffer->height);
	tree_cell(tree, "stride", framebuffer->pitch);
	tree_text(tree, "format", format_of(framebuffer));
	tree_end(tree);
}

static void put_chosen(struct tree *tree, const struct new_guest *guest)
{
	tree_begin(tree, "chosen");
	tree_text(tree, "bootargs", guest->wanted->bootargs);
	if (guest->initrd.end) {
		tree_u64(tree, "linux,initrd-start", guest->initrd.start);
		tree_u64(tree, "linux,initrd-end", guest->initrd.end);
	}
	put_seed(tree);
	if (guest->framebuffer && format_of(&boot_info->framebuffer))
		put_framebuffer(tree);
	tree_end(tree);
}

static void put_memory(struct tree *tree, const struct new_guest *guest)
{
	uint32_t cells[GUEST_PARTS * 4];
	unsigned int count = 0;

	for (unsigned int i = 0; i < guest->part_count; i++) {
		count += cells_put(&cells[count], guest->parts[i].address);
		count += cells_put(&cells[count], guest->parts[i].bytes);
	}
	tree_begin(tree, "memory@0");
	tree_text(tree, "device_type", "memory");
	tree_cells(tree, "reg", cells, count);
	tree_end(tree);
}

/* What the guest may take by a RAM session: session/parent.h. */
static void put_later(struct tree *tree, const struct new_guest *guest)
{
	char name[32];

	snprintf(name, sizeof(name), "ram@%lx", guest->later.start);
	tree_begin(tree, name);
	tree_text(tree, "compatible", "purlin,ram");
	tree_reg(tree, guest->later.start, guest->later.end - guest->later.start);
	tree_end(tree);
}

static void put_cpus(struct tree *tree, const struct new_guest *guest)
{
	tree_begin(tree, "cpus");
	tree_cell(tree, "#address-cells", 1);
	tree_cell(tree, "#size-cells", 0);
	for (unsigned int i = 0; i < guest->wanted->vcpus; i++) {
		char name[16];

		snprintf(name, sizeof(name), "cpu@%x", i);
		tree_begin(tree, name);
		tree_text(tree, "device_type", "cpu");
		tree_cell(tree, "reg", i);
		tree_cell(tree, "purlin,vcpu", guest->vcpu_slots[i]);
		tree_cell(tree, "purlin,events", guest->event_slots[i]);
		tree_end(tree);
	}
	tree_end(tree);
}

static void put_environment(struct tree *tree, const struct new_guest *guest)
{
	const uint32_t slots[] = { (uint32_t)guest->next_slot, GUEST_SLOTS - 1 };

	tree_begin(tree, "purlin");
	tree_text(tree, "compatible", "purlin,environment");
	/*
	 * Looked at before anything else: a Linux of another version stops with a line that says
	 * so.
	 */
	tree_cell(tree, "purlin,abi-version", PURLIN_ABI_VERSION);
	tree_u64(tree, "purlin,tsc-hz", boot_info->tsc_hz);
	tree_u64(tree, "purlin,wall-clock", wall_clock_ns);
	tree_u64(tree, "purlin,wall-tsc", wall_clock_tsc);
	tree_cells(tree, "purlin,slots", slots, 2);
	if (guest->wanted->watchdog)
		tree_u64(tree, "purlin,watchdog", guest->wanted->watchdog);
	tree_end(tree);
}

static void put_device(struct tree *tree, const struct device_session *device)
{
	tree_text(tree, "compatible", "purlin,virtio");
	tree_cell(tree, "purlin,type", device->wanted->service->type);
	tree_u64(tree, "purlin,features", device->features);
	tree_cell(tree, "purlin,queues", device->queues);
	tree_cell(tree, "purlin,queue-size", device->queue_size);
}

/* A session that the guest opens itself: it needs to know the label. */
static void put_own_session(struct tree *tree, const struct guest_session *session)
{
	const struct description_service *service = session->wanted->service;
	char name[48], compatible[32];

	snprintf(name, sizeof(name), "%s-%s", service->node, session->wanted->label);
	snprintf(compatible, sizeof(compatible), "purlin,%s", service->node);
	tree_begin(tree, name);
	tree_text(tree, "compatible", compatible);
	tree_text(tree, "label", session->wanted->label);
	tree_end(tree);
}

/*
 * The node "NODE@address" of a session with shared memory; a driver finds it as "purlin,NODE", or
 * as a virtio device.
 */
static void put_session(struct tree *tree, const struct guest_session *session)
{
	const struct description_service *service = session->wanted->service;
	char name[48], compatible[32];

	snprintf(name, sizeof(name), "%s@%lx", service->node, session->address);
	snprintf(compatible, sizeof(compatible), "purlin,%s", service->node);
	tree_begin(tree, name);
	if (session->device)
		put_device(tree, session->device);
	else
		tree_text(tree, "compatible", compatible);
	tree_text(tree, "label", session->wanted->label);
	tree_reg(tree, session->address, service->pages * PURLIN_PAGE_SIZE);
	tree_cell(tree, "purlin,notify", session->notify);
	tree_cell(tree, "purlin,event", session->event);
	tree_end(tree);
}

/* Ports and interrupt lines at their fixed numbers. */
static void put_isa(struct tree *tree, const struct new_guest *guest)
{
	uint32_t cells[3 * DESCRIPTION_RANGES];
	unsigned int count = 0;

	tree_begin(tree, "isa");
	tree_text(tree, "compatible", "purlin,isa");
	for (unsigned int i = 0; i < guest->ports_count; i++) {
		cells[count++] = guest->ports[i].first;
		cells[count++] = guest->ports[i].count;
		cells[count++] = guest->ports[i].slot;
	}
	tree_cells(tree, "purlin,ports", cells, count);
	count = 0;
	for (unsigned int i = 0; i < guest->line_count; i++) {
		cells[count++] = guest->lines[i].number;
		cells[count++] = guest->lines[i].slot;
	}
	tree_cells(tree, "purlin,lines", cells, count);
	tree_end(tree);
}

/* Memory windows, bus address and guest-physical address being the same. */
static void put_ranges(struct tree *tree, const struct new_guest *guest)
{
	uint32_t cells[GUEST_WINDOWS * RANGE_CELLS];
	unsigned int count = 0;

	for (unsigned int i = 0; i < guest->window_count; i++) {
		const struct guest_window *window = &guest->windows[i];
		uint32_t space = window->base >> 32 ? PCI_SPACE_MEMORY_64 : PCI_SPACE_MEMORY_32;

		/*
		 * Linux puts a BAR only into a window of its kind, and leaves firmware's
		 * addresses alone.
		 */
		if (window->kind & PCI_BAR_PREFETCHABLE)
			space |= PCI_SPACE_PREFETCHABLE;
		cells[count++] = space;
		count += cells_put(&cells[count], window->base);
		count += cells_put(&cells[count], window->base);
		count += cells_put(&cells[count], window->size);
	}
	tree_cells(tree, "ranges", cells, count);
}

/*
 * Where devices find the parts of RAM. The first range goes on to a bus address of 4 GiB, over what
 * is not RAM: so Linux sees which of its addresses a device with 32 bits reaches.
 */
static void put_dma_ranges(struct tree *tree, const struct new_guest *guest)
{
	uint32_t cells[(GUEST_PARTS + 1) * RANGE_CELLS];
	purlin_u64 later = guest->later.end - guest->later.start;
	unsigned int count = 0;

	for (unsigned int i = 0; i < guest->part_count; i++) {
		const struct guest_part *part = &guest->parts[i];

		cells[count++] = part->bus >> 32 ? PCI_SPACE_MEMORY_64 : PCI_SPACE_MEMORY_32;
		count += cells_put(&cells[count], part->bus);
		count += cells_put(&cells[count], part->address);
		count += cells_put(&cells[count], i ? part->bytes : DMA_32_END - part->bus);
	}
	/* Devices find RAM that is added where the guest has it, or it is not added. */
	if (later) {
		cells[count++] = PCI_SPACE_MEMORY_64;
		count += cells_put(&cells[count], guest->later.start);
		count += cells_put(&cells[count], guest->later.start);
		count += cells_put(&cells[count], later);
	}
	tree_cells(tree, "dma-ranges", cells, count);
}

static void put_pci(struct tree *tree, const struct new_guest *guest)
{
	const uint32_t buses[] = { 0, 255 };

	tree_begin(tree, "pci");
	tree_text(tree, "compatible", "purlin,pci-host");
	tree_text(tree, "device_type", "pci");
	tree_cell(tree, "#address-cells", 3);
	tree_cell(tree, "#size-cells", 2);
	tree_cells(tree, "bus-range", buses, 2);
	tree_cell(tree, "purlin,session", guest->pci);
	put_ranges(tree, guest);
	put_dma_ranges(tree, guest);
	tree_empty(tree, "dma-coherent");
	tree_end(tree);
}

static void put_control(struct tree *tree, const struct new_guest *guest)
{
	tree_begin(tree, "control");
	tree_text(tree, "compatible", "purlin,control");
	tree_cell(tree, "purlin,session", guest->control);
	tree_end(tree);
}

static void put_all(struct tree *tree, const struct new_guest *guest)
{
	tree_begin(tree, "");
	tree_text(tree, "compatible", "purlin,guest");
	tree_cell(tree, "#address-cells", 2);
	tree_cell(tree, "#size-cells", 2);
	put_chosen(tree, guest);
	put_memory(tree, guest);
	if (guest->later.end)
		put_later(tree, guest);
	put_cpus(tree, guest);
	put_environment(tree, guest);
	for (unsigned int i = 0; i < guest->session_count; i++)
		if (guest->sessions[i].wanted->service->delivery == DELIVERY_OWN)
			put_own_session(tree, &guest->sessions[i]);
		else
			put_session(tree, &guest->sessions[i]);
	if (guest->ports_count || guest->line_count)
		put_isa(tree, guest);
	if (guest->control)
		put_control(tree, guest);
	if (guest->pci)
		put_pci(tree, guest);
	tree_end(tree);
}

purlin_s64 guest_tree(struct new_guest *guest)
{
	struct tree tree = { 0 };
	purlin_s64 status = guest_ram_map(guest, guest->tree, GUEST_TREE_BYTES, &tree.fdt);

	if (status)
		return status;
	/* Written in the guest's own memory: it cannot be larger than what was set aside there. */
	tree_start(&tree, GUEST_TREE_BYTES);
	put_all(&tree, guest);
	tree_finish(&tree);
	memory_unmap(tree.fdt);
	if (!tree.error)
		return PURLIN_OK;
	report(guest->component, "device tree: %s", fdt_strerror(tree.error));
	return PURLIN_NO_MEMORY;
}
