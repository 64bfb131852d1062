/* SPDX-License-Identifier: MIT */
/* Values of properties. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static uint32_t cell(const struct property *property, unsigned int index)
{
	fdt32_t raw;

	/* Copied, since values lie at any address in the blob. */
	memcpy(&raw, property->value + index * CELL, CELL);
	return fdt32_to_cpu(raw);
}

/* One or more strings, each ending with a zero. */
static bool is_text(const struct property *property)
{
	if (property->bytes > 0 && property->value[0] && !property->value[property->bytes - 1])
		return true;
	report_property(property, "a string is wanted");
	return false;
}

void read_text(const struct property *property, const char **value)
{
	if (!is_text(property))
		return;
	if (strlen(property->value) + 1 != (size_t)property->bytes)
		report_property(property, "one string is wanted, not several");
	else
		*value = property->value;
}

void read_texts(const struct property *property, const char **values, unsigned int most,
		unsigned int *count)
{
	const char *end = property->value + property->bytes;

	if (!is_text(property))
		return;
	*count = 0;
	for (const char *text = property->value; text < end; text += strlen(text) + 1) {
		if (*count == most) {
			report_property(property, "at most %u strings are possible", most);
			return;
		}
		values[(*count)++] = text;
	}
}

_Static_assert(DESCRIPTION_NAME_BYTES == 16, "as the text below says");

const char *name_problem(const char *name)
{
	if (strlen(name) >= DESCRIPTION_NAME_BYTES)
		return "is longer than 15 characters";
	if (!*name)
		return "is empty";
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '/')
			return "has characters that no name may have";
	return NULL;
}

void check_name(const struct property *property, const char *name)
{
	const char *problem = name_problem(name);

	if (problem)
		report_property(property, "\"%s\" %s", name, problem);
}

/* "16K", "64M", "1G": units of 1024; always whole pages. */
void read_size(const struct property *property, uint64_t *value)
{
	const char *text = NULL;
	char *end;
	uint64_t size;
	unsigned int shift = 0;

	read_text(property, &text);
	if (!text)
		return;
	size = strtoul(text, &end, 10);
	/* The number has 32 bits at most: shifted by 30, it cannot overflow. */
	shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
	if (end == text || !shift || end[1] || size > UINT32_MAX)
		report_property(property, "\"%s\" is no size: a number and K, M or G is wanted",
				text);
	else if (!size || (size << shift) % 4096)
		report_property(property, "\"%s\" is not a whole number of 4K pages", text);
	else
		*value = size << shift;
}

/*
 * Whatever is refused leaves the value as it was, so later checks see the default and not nonsense.
 */
void read_cell(const struct property *property, uint32_t *value, uint32_t least, uint32_t most)
{
	if (property->bytes != CELL)
		report_property(property, "one number is wanted");
	else if (cell(property, 0) < least || cell(property, 0) > most)
		report_property(property, "%u is not in %u..%u", cell(property, 0), least, most);
	else
		*value = cell(property, 0);
}

void read_processors(const struct property *property, uint64_t *set)
{
	unsigned int count = (unsigned int)property->bytes / CELL;
	uint64_t found = 0;

	if (!count || property->bytes % CELL) {
		report_property(property, "numbers of processors are wanted");
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		uint32_t processor = cell(property, i);

		if (processor >= MOST_CPUS) {
			report_property(property, "%u is not in 0..%u", processor, MOST_CPUS - 1);
			return;
		}
		if (found & 1ull << processor) {
			report_property(property, "processor %u is named twice", processor);
			return;
		}
		found |= 1ull << processor;
	}
	*set = found;
}

void read_flag(const struct property *property, bool *value)
{
	if (property->bytes)
		report_property(property, "it takes no value");
	else
		*value = true;
}

void read_action(const struct property *property, enum end_action *value)
{
	static const char *const names[] = { "stop", "restart", "power-off", "reset" };
	const char *text = NULL;

	read_text(property, &text);
	for (unsigned int i = 0; text && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]))
			continue;
		*value = (enum end_action)i;
		return;
	}
	if (text)
		report_property(property, "\"%s\": stop, restart, power-off or reset is wanted",
				text);
}

static uint64_t number(const struct property *property, unsigned int index, unsigned int cells)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < cells; i++)
		value = value << 32 | cell(property, index * cells + i);
	return value;
}

void read_ranges(const struct property *property, struct description_ranges *ranges,
		 unsigned int cells_each)
{
	unsigned int pair = 2 * cells_each * CELL;
	unsigned int count = (unsigned int)property->bytes / pair;

	if (!count || (unsigned int)property->bytes % pair) {
		report_property(property, "pairs of first and count are wanted");
		return;
	}
	if (count > DESCRIPTION_RANGES) {
		report_property(property, "at most %u ranges are possible", DESCRIPTION_RANGES);
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		struct description_range range = { number(property, 2 * i, cells_each),
						   number(property, 2 * i + 1, cells_each) };

		if (!range.count || range.first + range.count < range.first) {
			report_property(property, "range %u is empty or wraps around", i);
			return;
		}
		ranges->range[i] = range;
	}
	ranges->count = count;
}

void read_irqs(const struct property *property, struct description_ranges *ranges)
{
	unsigned int count = (unsigned int)property->bytes / CELL;

	if (!count || property->bytes % CELL || count > DESCRIPTION_RANGES) {
		report_property(property, "1 to %u interrupt lines are wanted", DESCRIPTION_RANGES);
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		ranges->range[i].first = cell(property, i);
		ranges->range[i].count = 1;
	}
	ranges->count = count;
}

/* Exactly: libfdt takes "name" for the first "name@address", too. */
static int node_named(const void *tree, const char *name)
{
	int node = fdt_first_subnode(tree, fdt_subnode_offset(tree, 0, "components"));

	if (!strcmp(name, "core"))
		return fdt_subnode_offset(tree, 0, "core");
	while (node >= 0 && strcmp(fdt_get_name(tree, node, NULL), name))
		node = fdt_next_subnode(tree, node);
	return node;
}

static int read_name_reference(const struct property *property)
{
	const char *name = NULL;
	int node;

	read_text(property, &name);
	if (!name)
		return -1;
	node = node_named(property->reader->tree, name);
	if (node < 0)
		report_property(property, "there is no component %s", name);
	return node < 0 ? -1 : node;
}

/* The node's offset: only when all nodes are known, it becomes the number of a component. */
int read_reference(const struct property *property)
{
	int node;

	if (property->reader->by_name)
		return read_name_reference(property);
	if (property->bytes != CELL) {
		report_property(property, "one reference (<&label>) is wanted");
		return -1;
	}
	node = fdt_node_offset_by_phandle(property->reader->tree, cell(property, 0));
	if (node < 0) {
		report_property(property, "dangling reference: no node has phandle 0x%x",
				cell(property, 0));
		return -1;
	}
	return node;
}
