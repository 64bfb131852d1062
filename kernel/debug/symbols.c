// SPDX-License-Identifier: MIT
/* Names of kernel functions. The table is made by tools/kernel-symbols from a first link. */
#include "debug/console.h"

struct symbol {
	uint32_t offset; /* from symbol_base, ascending */
	uint32_t name;	 /* from symbol_names */
};

/* Of size 0 in the first link, where nothing is printed yet. */
extern const uint32_t symbol_count;
extern const struct symbol symbol_table[];
extern const char symbol_names[];
extern const char image_text_start[], image_text_end[];

const char *symbol_find(uint64_t address, uint64_t *offset)
{
	uint64_t base = (uint64_t)image_text_start;
	uint32_t low = 0, high = symbol_count;

	if (address < base || address >= (uint64_t)image_text_end)
		return NULL;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (symbol_table[middle].offset <= address - base)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	*offset = address - base - symbol_table[low - 1].offset;
	return symbol_names + symbol_table[low - 1].name;
}
