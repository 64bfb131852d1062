/* SPDX-License-Identifier: MIT */
/* Device trees out of the fuzzer's bytes, written token by token: what dtc would refuse, too. */
#ifndef TESTS_FUZZ_USER_TREE_H
#define TESTS_FUZZ_USER_TREE_H

#include "blocks.h"

#include <libfdt.h>

#define TREE_STRUCT_BYTES 0x18000
#define TREE_STRINGS_BYTES 0x2000

struct tree_writer {
	uint8_t structure[TREE_STRUCT_BYTES];
	char strings[TREE_STRINGS_BYTES];
	size_t structure_bytes, strings_bytes;
};

static inline void tree_cell(struct tree_writer *writer, uint32_t value)
{
	fdt32_t raw = cpu_to_fdt32(value);

	MUST(writer->structure_bytes + 4 <= sizeof(writer->structure));
	memcpy(writer->structure + writer->structure_bytes, &raw, 4);
	writer->structure_bytes += 4;
}

static inline void tree_data(struct tree_writer *writer, const void *data, size_t bytes)
{
	MUST(writer->structure_bytes + bytes + 4 <= sizeof(writer->structure));
	if (bytes)
		memcpy(writer->structure + writer->structure_bytes, data, bytes);
	writer->structure_bytes = (writer->structure_bytes + bytes + 3) & ~(size_t)3;
}

static inline bool tree_room(const struct tree_writer *writer)
{
	return writer->structure_bytes + 0x1000 < sizeof(writer->structure) &&
	       writer->strings_bytes + 0x100 < sizeof(writer->strings);
}

static inline void tree_begin(struct tree_writer *writer, const char *name)
{
	tree_cell(writer, FDT_BEGIN_NODE);
	tree_data(writer, name, strlen(name) + 1);
}

static inline void tree_end(struct tree_writer *writer)
{
	tree_cell(writer, FDT_END_NODE);
}

static inline void tree_property(struct tree_writer *writer, const char *name, const void *value,
				 size_t bytes)
{
	tree_cell(writer, FDT_PROP);
	tree_cell(writer, (uint32_t)bytes);
	tree_cell(writer, (uint32_t)writer->strings_bytes);
	tree_data(writer, value, bytes);
	strcpy(writer->strings + writer->strings_bytes, name);
	writer->strings_bytes += strlen(name) + 1;
}

static inline void tree_text(struct tree_writer *writer, const char *name, const char *text)
{
	tree_property(writer, name, text, strlen(text) + 1);
}

/* The blob, of exactly its size; freed by the caller. */
static inline void *tree_finish(struct tree_writer *writer, size_t *bytes)
{
	size_t start = sizeof(struct fdt_header) + 16;
	struct fdt_header header = { .magic = cpu_to_fdt32(FDT_MAGIC) };
	uint8_t *blob;

	tree_cell(writer, FDT_END);
	*bytes = start + writer->structure_bytes + writer->strings_bytes;
	header.totalsize = cpu_to_fdt32((uint32_t)*bytes);
	header.off_dt_struct = cpu_to_fdt32((uint32_t)start);
	header.off_dt_strings = cpu_to_fdt32((uint32_t)(start + writer->structure_bytes));
	header.off_mem_rsvmap = cpu_to_fdt32(sizeof(header));
	header.version = cpu_to_fdt32(17);
	header.last_comp_version = cpu_to_fdt32(16);
	header.size_dt_strings = cpu_to_fdt32((uint32_t)writer->strings_bytes);
	header.size_dt_struct = cpu_to_fdt32((uint32_t)writer->structure_bytes);
	blob = calloc(1, *bytes);
	memcpy(blob, &header, sizeof(header));
	memcpy(blob + start, writer->structure, writer->structure_bytes);
	memcpy(blob + start + writer->structure_bytes, writer->strings, writer->strings_bytes);
	return blob;
}

#endif
