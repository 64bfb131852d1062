/* SPDX-License-Identifier: MIT */
/*
 * Writing a flattened device tree from front to back, with numbers in the order of bytes and cells
 * that the Devicetree Specification wants.
 */
#ifndef INIT_TREE_H
#define INIT_TREE_H

#include "purlin/types.h"

/* Nothing has to be checked on the way: the first error stays, and nothing is written after it. */
struct tree {
	void *fdt;
	int error; /* libfdt's; 0: none */
};

void tree_start(struct tree *tree, unsigned int bytes);
void tree_finish(struct tree *tree);

void tree_begin(struct tree *tree, const char *name);
void tree_end(struct tree *tree);

void tree_empty(struct tree *tree, const char *name);
void tree_bytes(struct tree *tree, const char *name, const void *data, unsigned int bytes);
void tree_text(struct tree *tree, const char *name, const char *text);
void tree_cell(struct tree *tree, const char *name, purlin_u64 value);
void tree_u64(struct tree *tree, const char *name, purlin_u64 value);
void tree_cells(struct tree *tree, const char *name, const purlin_u32 *cells, unsigned int count);
/* One range, in a node whose parent has two cells for addresses and two for sizes. */
void tree_reg(struct tree *tree, purlin_u64 address, purlin_u64 size);

/* A number of 64 bits takes two cells, the higher one first. Returns how many. */
unsigned int cells_put(purlin_u32 *cells, purlin_u64 value);

#endif
