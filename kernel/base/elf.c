// SPDX-License-Identifier: MIT
/* ELF64 (System V ABI, chapters 4 and 5; x86-64 supplement): what is needed to start a static
 * program. */
#include "base/elf.h"

#include "base/arch.h"
#include "base/string.h"

struct elf_header {
	uint8_t identification[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_headers, section_headers;
	uint32_t flags;
	uint16_t header_bytes, program_header_bytes, program_header_count;
	uint16_t section_header_bytes, section_header_count, section_names;
};
_Static_assert(sizeof(struct elf_header) == 64, "ELF64");

struct elf_program_header {
	uint32_t type, flags;
	uint64_t offset, virtual_address, physical_address, file_bytes, memory_bytes, align;
};
_Static_assert(sizeof(struct elf_program_header) == 56, "ELF64");

#define CLASS_64_LITTLE_ENDIAN "\177ELF\2\1\1"
#define TYPE_EXECUTABLE 2
#define MACHINE_X86_64 62
#define SEGMENT_LOAD 1
#define FLAG_EXECUTE 1
#define FLAG_WRITE 2

static bool header_valid(const struct elf_header *header, size_t size)
{
	if (memcmp(header->identification, CLASS_64_LITTLE_ENDIAN,
		   sizeof(CLASS_64_LITTLE_ENDIAN) - 1) != 0)
		return false;
	if (header->type != TYPE_EXECUTABLE || header->machine != MACHINE_X86_64 ||
	    header->program_header_bytes != sizeof(struct elf_program_header))
		return false;
	return header->program_headers <= size &&
	       header->program_header_count <=
		       (size - header->program_headers) / sizeof(struct elf_program_header);
}

static bool segment_valid(const struct elf_program_header *header, size_t size)
{
	if (header->offset > size || header->file_bytes > size - header->offset ||
	    header->file_bytes > header->memory_bytes)
		return false;
	return header->virtual_address < ARCH_NATIVE_END &&
	       header->memory_bytes <= ARCH_NATIVE_END - header->virtual_address;
}

static uint32_t rights_of(uint32_t flags)
{
	return PURLIN_MAP_READ | (flags & FLAG_WRITE ? PURLIN_MAP_WRITE : 0) |
	       (flags & FLAG_EXECUTE ? PURLIN_MAP_EXECUTE : 0);
}

bool elf_read(const void *image, size_t size, struct elf_program *program)
{
	const char *bytes = image;
	struct elf_header header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, image, sizeof(header));
	if (!header_valid(&header, size))
		return false;
	program->entry = header.entry;
	program->segments = 0;
	for (unsigned int i = 0; i < header.program_header_count; i++) {
		struct elf_program_header part;

		memcpy(&part, bytes + header.program_headers + i * sizeof(part), sizeof(part));
		if (part.type != SEGMENT_LOAD || part.memory_bytes == 0)
			continue;
		if (!segment_valid(&part, size) || program->segments == ELF_SEGMENTS_MAX)
			return false;
		program->segment[program->segments++] = (struct elf_segment){
			.address = part.virtual_address,
			.memory_bytes = part.memory_bytes,
			.data = bytes + part.offset,
			.data_bytes = part.file_bytes,
			.rights = rights_of(part.flags),
		};
	}
	return true;
}
