/* SPDX-License-Identifier: MIT */
/* The device tree a guest gets: docs/guest-device-tree.md. */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "session/terminal.h"

#define SEED_BYTES 64

/* Devicetree Specification 0.4, 5.2; IEEE 1275 PCI binding: the space code of an address. */
#define PCI_SPACE_MEMORY_32 0x02000000
#define PCI_SPACE_MEMORY_64 0x03000000
#define PCI_SPACE_PREFETCHABLE 0x40000000
#define RANGE_CELLS 7

/* libfdt keeps the first error of the sequence itself: fdt_finish reports it. */
struct tree {
	void *fdt;
	int error;
};

static void note(struct tree *tree, int error)
{
	if (error && !tree->error)
		tree->error = error;
}

static void begin(struct tree *tree, const char *name)
{
	note(tree, fdt_begin_node(tree->fdt, name));
}

static void end(struct tree *tree)
{
	note(tree, fdt_end_node(tree->fdt));
}

static void put_text(struct tree *tree, const char *name, const char *text)
{
	note(tree, fdt_property(tree->fdt, name, text, (int)strlen(text) + 1));
}

static void put_cell(struct tree *tree, const char *name, purlin_u64 value)
{
	note(tree, fdt_property_u32(tree->fdt, name, (uint32_t)value));
}

static void put_u64(struct tree *tree, const char *name, purlin_u64 value)
{
	note(tree, fdt_property_u64(tree->fdt, name, value));
}

static void put_cells(struct tree *tree, const char *name, const uint32_t *cells,
		      unsigned int count)
{
	fdt32_t raw[GUEST_WINDOWS * RANGE_CELLS];

	for (unsigned int i = 0; i < count; i++)
		raw[i] = cpu_to_fdt32(cells[i]);
	note(tree, fdt_property(tree->fdt, name, raw, (int)(count * sizeof(raw[0]))));
}

static void put_reg(struct tree *tree, purlin_u64 address, purlin_u64 size)
{
	const uint32_t cells[] = { (uint32_t)(address >> 32), (uint32_t)address,
				   (uint32_t)(size >> 32), (uint32_t)size };

	put_cells(tree, "reg", cells, 4);
}

static bool hardware_random(purlin_u64 *value)
{
	unsigned int a = 1, b, c = 0, d;
	unsigned char ok;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(c & 1u << 30)) /* RDRAND, Intel SDM, volume 2, CPUID leaf 1 */
		return false;
	__asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(ok) : : "cc");
	return ok;
}

/* The finaliser of the splitmix generator: spreads the bits that differ over all. */
static purlin_u64 mixed(purlin_u64 value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

static void put_seed(struct tree *tree)
{
	purlin_u64 seed[SEED_BYTES / 8];
	purlin_u64 state = wall_clock_ns;

	for (unsigned int i = 0; i < SEED_BYTES / 8; i++) {
		purlin_u64 random = 0;

		hardware_random(&random);
		state = mixed(state + 0x9e3779b97f4a7c15ull + tsc_now());
		seed[i] = state ^ random;
	}
	note(tree, fdt_property(tree->fdt, "rng-seed", seed, sizeof(seed)));
}

static void put_chosen(struct tree *tree, const struct guest *guest)
{
	begin(tree, "chosen");
	put_text(tree, "bootargs", guest->wanted->bootargs);
	if (guest->initrd.end) {
		put_u64(tree, "linux,initrd-start", guest->initrd.start);
		put_u64(tree, "linux,initrd-end", guest->initrd.end);
	}
	put_seed(tree);
	end(tree);
}

static void put_memory_and_cpus(struct tree *tree, const struct guest *guest)
{
	begin(tree, "memory@0");
	put_text(tree, "device_type", "memory");
	put_reg(tree, 0, guest->ram_end);
	end(tree);

	begin(tree, "cpus");
	put_cell(tree, "#address-cells", 1);
	put_cell(tree, "#size-cells", 0);
	begin(tree, "cpu@0");
	put_text(tree, "device_type", "cpu");
	put_cell(tree, "reg", 0);
	put_cell(tree, "purlin,vcpu", PURLIN_SLOT_THREAD);
	end(tree);
	end(tree);
}

static void put_environment(struct tree *tree)
{
	const uint32_t slots[] = { GUEST_SLOT_FIRST_OWN, GUEST_SLOTS - 1 };

	begin(tree, "purlin");
	put_text(tree, "compatible", "purlin,environment");
	put_cell(tree, "purlin,abi-version", PURLIN_ABI_VERSION);
	put_u64(tree, "purlin,tsc-hz", boot_info->tsc_hz);
	put_u64(tree, "purlin,wall-clock", wall_clock_ns);
	put_u64(tree, "purlin,wall-tsc", wall_clock_tsc);
	put_cells(tree, "purlin,slots", slots, 2);
	end(tree);
}

static void put_console(struct tree *tree, const struct guest *guest, unsigned int index)
{
	char name[32];

	snprintf(name, sizeof(name), "console@%lx", guest->consoles[index]);
	begin(tree, name);
	put_text(tree, "compatible", "purlin,console");
	put_reg(tree, guest->consoles[index], TERMINAL_PAGES * PURLIN_PAGE_SIZE);
	put_cell(tree, "purlin,notify", GUEST_SLOT_NOTIFY + index);
	put_cell(tree, "purlin,event", GUEST_EVENT_CONSOLE + index);
	end(tree);
}

/* Memory windows, bus address and guest-physical address being the same. */
static void put_ranges(struct tree *tree, const struct guest *guest)
{
	uint32_t cells[GUEST_WINDOWS * RANGE_CELLS];
	unsigned int count = 0;

	for (unsigned int i = 0; i < guest->window_count; i++) {
		const struct guest_window *window = &guest->windows[i];
		uint32_t space = window->base >> 32 ? PCI_SPACE_MEMORY_64 : PCI_SPACE_MEMORY_32;

		if (window->kind & PCI_BAR_PREFETCHABLE)
			space |= PCI_SPACE_PREFETCHABLE;
		cells[count++] = space;
		cells[count++] = (uint32_t)(window->base >> 32);
		cells[count++] = (uint32_t)window->base;
		cells[count++] = (uint32_t)(window->base >> 32);
		cells[count++] = (uint32_t)window->base;
		cells[count++] = (uint32_t)(window->size >> 32);
		cells[count++] = (uint32_t)window->size;
	}
	put_cells(tree, "ranges", cells, count);
}

static void put_pci(struct tree *tree, const struct guest *guest)
{
	const uint32_t buses[] = { 0, 255 };
	const uint32_t dma[] = {
		PCI_SPACE_MEMORY_32,
		(uint32_t)(guest->dma_base >> 32),
		(uint32_t)guest->dma_base,
		0,
		0,
		(uint32_t)(guest->ram_end >> 32),
		(uint32_t)guest->ram_end,
	};

	begin(tree, "pci");
	put_text(tree, "compatible", "purlin,pci-host");
	put_text(tree, "device_type", "pci");
	put_cell(tree, "#address-cells", 3);
	put_cell(tree, "#size-cells", 2);
	put_cells(tree, "bus-range", buses, 2);
	put_cell(tree, "purlin,session", GUEST_SLOT_PCI);
	put_ranges(tree, guest);
	put_cells(tree, "dma-ranges", dma, RANGE_CELLS);
	note(tree, fdt_property(tree->fdt, "dma-coherent", NULL, 0));
	end(tree);
}

static void put_all(struct tree *tree, const struct guest *guest)
{
	begin(tree, "");
	put_text(tree, "compatible", "purlin,guest");
	put_cell(tree, "#address-cells", 2);
	put_cell(tree, "#size-cells", 2);
	put_chosen(tree, guest);
	put_memory_and_cpus(tree, guest);
	put_environment(tree);
	for (unsigned int i = 0; i < guest->wanted->console_count; i++)
		put_console(tree, guest, i);
	if (guest->has_pci)
		put_pci(tree, guest);
	end(tree);
}

purlin_s64 guest_tree(struct guest *guest)
{
	struct tree tree = { 0 };
	purlin_s64 status = guest_window_open(guest, guest->tree, GUEST_TREE_BYTES, &tree.fdt);

	if (status)
		return status;
	note(&tree, fdt_create(tree.fdt, GUEST_TREE_BYTES));
	note(&tree, fdt_finish_reservemap(tree.fdt));
	put_all(&tree, guest);
	note(&tree, fdt_finish(tree.fdt));
	memory_unmap(tree.fdt);
	if (!tree.error)
		return PURLIN_OK;
	report(guest->component, "device tree: %s", fdt_strerror(tree.error));
	return PURLIN_NO_MEMORY;
}
