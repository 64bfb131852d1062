// SPDX-License-Identifier: MIT
/* What a PVH loader says (Xen's public hvm_start_info, version 1): QEMU's -kernel, Firecracker,
 * Xen. */
#include "arch/boot.h"
#include "base/arch.h"
#include "debug/log.h"

#define REACH (1ull << 32)
#define MAP_ENTRIES 4096 /* more are nonsense */

struct start_info {
	uint32_t magic, version, flags, modules;
	uint64_t module_list, command_line, rsdp;
	uint64_t map; /* from version 1 on */
	uint32_t map_entries, reserved;
};

struct module {
	uint64_t address, size, command_line, reserved;
};

/* Types as ACPI's (6.5, table 15.7). */
struct map_entry {
	uint64_t base, size;
	uint32_t type, reserved;
};

/* Bundle and firmware tables may lie anywhere; what is read here, where start.S maps it. */
static const void *reach(uint64_t address)
{
	if (address >= REACH)
		panic("the loader's tables lie at %lx, above 4 GiB", address);
	return arch_physical_to_kernel((struct physical){ address });
}

bool pvh_read(uint64_t info, struct boot_data *data)
{
	const struct start_info *start = reach(info);

	if (start->magic != BOOT_PVH || start->version < 1)
		return false;
	const struct map_entry *map = reach(start->map);
	for (uint32_t i = 0; i < start->map_entries && i < MAP_ENTRIES; i++)
		memory_map_add(&data->map, map[i].base, map[i].size, map[i].type);
	if (start->modules > 0) {
		const struct module *module = reach(start->module_list);
		data->bundle = module->address;
		data->bundle_size = module->size;
	}
	if (start->command_line)
		boot_copy_text(data->command_line, sizeof(data->command_line),
			       reach(start->command_line));
	data->rsdp = start->rsdp;
	return data->map.count > 0;
}
