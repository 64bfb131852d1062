/* SPDX-License-Identifier: MIT */
/* Writing a flattened device tree, by libfdt's sequential functions. */
#include "tree.h"

#include <libfdt.h>
#include <string.h>

static void note(struct tree *tree, int error)
{
	/* The first one is the cause; those after it are its consequences. */
	if (error && !tree->error)
		tree->error = error;
}

void tree_start(struct tree *tree, unsigned int bytes)
{
	note(tree, fdt_create(tree->fdt, (int)bytes));
	note(tree, fdt_finish_reservemap(tree->fdt));
}

void tree_finish(struct tree *tree)
{
	note(tree, fdt_finish(tree->fdt));
}

void tree_begin(struct tree *tree, const char *name)
{
	note(tree, fdt_begin_node(tree->fdt, name));
}

void tree_end(struct tree *tree)
{
	note(tree, fdt_end_node(tree->fdt));
}

void tree_empty(struct tree *tree, const char *name)
{
	tree_bytes(tree, name, NULL, 0);
}

void tree_bytes(struct tree *tree, const char *name, const void *data, unsigned int bytes)
{
	note(tree, fdt_property(tree->fdt, name, data, (int)bytes));
}

void tree_text(struct tree *tree, const char *name, const char *text)
{
	tree_bytes(tree, name, text, (unsigned int)strlen(text) + 1);
}

void tree_cell(struct tree *tree, const char *name, purlin_u64 value)
{
	note(tree, fdt_property_u32(tree->fdt, name, (uint32_t)value));
}

void tree_u64(struct tree *tree, const char *name, purlin_u64 value)
{
	note(tree, fdt_property_u64(tree->fdt, name, value));
}

/* Written in place, so that no array here limits how many there may be. */
void tree_cells(struct tree *tree, const char *name, const purlin_u32 *cells, unsigned int count)
{
	void *place;
	int error =
		fdt_property_placeholder(tree->fdt, name, (int)(count * sizeof(fdt32_t)), &place);

	note(tree, error);
	for (unsigned int i = 0; !error && i < count; i++)
		fdt32_st((fdt32_t *)place + i, cells[i]);
}

void tree_reg(struct tree *tree, purlin_u64 address, purlin_u64 size)
{
	purlin_u32 cells[4];
	unsigned int count = cells_put(cells, address);

	count += cells_put(&cells[count], size);
	tree_cells(tree, "reg", cells, count);
}

unsigned int cells_put(purlin_u32 *cells, purlin_u64 value)
{
	cells[0] = (purlin_u32)(value >> 32);
	cells[1] = (purlin_u32)value;
	return 2;
}
