/* SPDX-License-Identifier: MIT */
/* Reading 64-bit ELF programs. The kernel links this, too: it has no C library's headers. */
#include "elf.h"

#include "purlin/arch/program.h"

struct file_header {
	unsigned char ident[16];
	purlin_u16 type;
	purlin_u16 machine;
	purlin_u32 version;
	purlin_u64 entry;
	purlin_u64 program_headers;
	purlin_u64 section_headers;
	purlin_u32 flags;
	purlin_u16 header_size;
	purlin_u16 program_header_size;
	purlin_u16 program_header_count;
	purlin_u16 rest[3];
};
_Static_assert(sizeof(struct file_header) == 64, "ELF header");

struct program_header {
	purlin_u32 type;
	purlin_u32 flags;
	purlin_u64 offset;
	purlin_u64 virtual_address;
	purlin_u64 physical_address;
	purlin_u64 file_bytes;
	purlin_u64 memory_bytes;
	purlin_u64 align;
};
_Static_assert(sizeof(struct program_header) == 56, "ELF program header");

#define TYPE_EXECUTABLE 2
#define SEGMENT_LOAD 1
#define SEGMENT_EXECUTE 1
#define SEGMENT_WRITE 2
#define SEGMENT_READ 4

static purlin_u64 segment_rights(purlin_u32 flags)
{
	return (flags & SEGMENT_READ ? PURLIN_MAP_READ : 0u) |
	       (flags & SEGMENT_WRITE ? PURLIN_MAP_WRITE : 0u) |
	       (flags & SEGMENT_EXECUTE ? PURLIN_MAP_EXECUTE : 0u);
}

/* Memory must not wrap, not even rounded up to whole pages, as readers do. */
static bool wraps(purlin_u64 address, purlin_u64 bytes)
{
	purlin_u64 end;

	return __builtin_add_overflow(address, bytes, &end) ||
	       __builtin_add_overflow(end, PURLIN_PAGE_SIZE, &end);
}

/* Whether the header's ranges lie in the file and do not wrap in memory. */
static bool segment_sound(const struct program_header *header, size_t bytes)
{
	return header->offset <= bytes && header->file_bytes <= bytes - header->offset &&
	       header->file_bytes <= header->memory_bytes &&
	       !wraps(header->virtual_address, header->memory_bytes) &&
	       !wraps(header->physical_address, header->memory_bytes);
}

/* The headers may lie at any address: copies are read. */
static void read_program_header(const void *image, const struct file_header *file,
				unsigned int index, struct program_header *header)
{
	__builtin_memcpy(header,
			 (const char *)image + file->program_headers + index * sizeof(*header),
			 sizeof(*header));
}

static bool is_loaded(const struct program_header *header)
{
	return header->type == SEGMENT_LOAD && header->memory_bytes;
}

static bool header_sound(const struct file_header *header, size_t bytes)
{
	static const unsigned char ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	purlin_u64 table = header->program_header_count * sizeof(struct program_header);

	return !__builtin_memcmp(header->ident, ident, sizeof(ident)) &&
	       header->type == TYPE_EXECUTABLE && header->machine == PURLIN_ELF_MACHINE &&
	       header->program_header_size == sizeof(struct program_header) &&
	       header->program_headers <= bytes && table <= bytes - header->program_headers;
}

bool elf_check(const void *image, size_t bytes, purlin_u64 *entry)
{
	struct file_header file;
	struct program_header header;

	if (bytes < sizeof(file))
		return false;
	__builtin_memcpy(&file, image, sizeof(file));
	if (!header_sound(&file, bytes))
		return false;
	/* All of them, so that elf_segment() need not check: what it is given cannot change. */
	for (unsigned int i = 0; i < file.program_header_count; i++) {
		read_program_header(image, &file, i, &header);
		if (is_loaded(&header) && !segment_sound(&header, bytes))
			return false;
	}
	*entry = file.entry;
	return true;
}

bool elf_segment(const void *image, unsigned int *index, struct elf_segment *segment)
{
	struct file_header file;
	struct program_header header;

	__builtin_memcpy(&file, image, sizeof(file));
	while (*index < file.program_header_count) {
		read_program_header(image, &file, (*index)++, &header);
		if (!is_loaded(&header))
			continue;
		segment->virtual_address = header.virtual_address;
		segment->physical_address = header.physical_address;
		segment->memory_bytes = header.memory_bytes;
		segment->file_bytes = header.file_bytes;
		segment->data = (const char *)image + header.offset;
		segment->rights = segment_rights(header.flags);
		return true;
	}
	return false;
}
