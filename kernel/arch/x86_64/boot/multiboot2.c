// SPDX-License-Identifier: MIT
/* What a Multiboot2 loader says (specification 2.0, 3.6). */
#include "arch/boot.h"
#include "base/string.h"
#include "base/arch.h"

struct header {
	uint32_t total_size, reserved;
};

struct tag {
	uint32_t type, size;
};

#define TAG_END 0
#define TAG_COMMAND_LINE 1
#define TAG_MODULE 3
#define TAG_MEMORY_MAP 6
#define TAG_FRAMEBUFFER 8
#define TAG_RSDP_OLD 14
#define TAG_RSDP_NEW 15

struct module_tag {
	struct tag tag;
	uint32_t start, end;
};

struct map_tag {
	struct tag tag;
	uint32_t entry_size, entry_version;
};

struct map_entry {
	uint64_t base, size;
	uint32_t type, reserved;
};

struct framebuffer_tag {
	struct tag tag;
	uint64_t base;
	uint32_t pitch, width, height;
	uint8_t depth, type;
	uint16_t reserved;
	uint8_t red_at, red_bits, green_at, green_bits, blue_at, blue_bits;
};

#define TYPE_DIRECT 1 /* pixels hold their colours */
#define FRAMEBUFFER_LEAST (__builtin_offsetof(struct framebuffer_tag, blue_bits) + 1)

static void read_map(const struct map_tag *tag, struct boot_data *data)
{
	const char *at = (const char *)(tag + 1), *end = (const char *)tag + tag->tag.size;

	if (tag->tag.size < sizeof(*tag) || tag->entry_size < sizeof(struct map_entry) ||
	    tag->entry_size % 8 != 0)
		return;
	for (; tag->entry_size <= (uint64_t)(end - at); at += tag->entry_size) {
		const struct map_entry *entry = (const void *)at;
		memory_map_add(&data->map, entry->base, entry->size, entry->type);
	}
}

static void read_framebuffer(const struct framebuffer_tag *tag, struct boot_data *data)
{
	if (tag->tag.size < FRAMEBUFFER_LEAST || tag->type != TYPE_DIRECT)
		return;
	data->framebuffer = (struct purlin_framebuffer){
		.base = tag->base,
		.pitch = tag->pitch,
		.width = tag->width,
		.height = tag->height,
		.depth = tag->depth,
		.red_at = tag->red_at,
		.red_bits = tag->red_bits,
		.green_at = tag->green_at,
		.green_bits = tag->green_bits,
		.blue_at = tag->blue_at,
		.blue_bits = tag->blue_bits,
	};
}

static void read_rsdp(const struct tag *tag, struct boot_data *data)
{
	data->rsdp_copy_size = least(tag->size - sizeof(*tag), sizeof(data->rsdp_copy));
	memcpy(data->rsdp_copy, tag + 1, data->rsdp_copy_size);
}

/* The text may lack its final zero: no more than the tag holds is copied. */
static void read_command_line(const struct tag *tag, struct boot_data *data)
{
	boot_copy_text(data->command_line,
		       least(tag->size - sizeof(*tag) + 1, sizeof(data->command_line)),
		       (const char *)(tag + 1));
}

static void read_module(const struct module_tag *module, struct boot_data *data)
{
	if (module->tag.size < sizeof(*module) || data->bundle_size != 0 ||
	    module->end <= module->start)
		return;
	data->bundle = module->start;
	data->bundle_size = module->end - module->start;
}

static void read_tag(const struct tag *tag, struct boot_data *data)
{
	switch (tag->type) {
	case TAG_COMMAND_LINE:
		read_command_line(tag, data);
		break;
	case TAG_MODULE:
		read_module((const void *)tag, data);
		break;
	case TAG_MEMORY_MAP:
		read_map((const void *)tag, data);
		break;
	case TAG_FRAMEBUFFER:
		read_framebuffer((const void *)tag, data);
		break;
	case TAG_RSDP_OLD:
	case TAG_RSDP_NEW:
		if (data->rsdp_copy_size == 0 || tag->type == TAG_RSDP_NEW)
			read_rsdp(tag, data);
		break;
	default:
		break;
	}
}

bool multiboot2_read(uint64_t info, struct boot_data *data)
{
	const struct header *header = arch_physical_to_kernel((struct physical){ info });
	const char *start = (const char *)header;
	uint64_t at = sizeof(*header), end = header->total_size;

	while (at + sizeof(struct tag) <= end) {
		const struct tag *tag = (const void *)(start + at);
		if (tag->type == TAG_END || tag->size < sizeof(*tag) || tag->size > end - at)
			break;
		read_tag(tag, data);
		at += ((uint64_t)tag->size + 7) & ~7ull;
	}
	return data->map.count > 0;
}
