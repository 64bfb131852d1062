// SPDX-License-Identifier: MIT
/* What the start finds out and all its parts add to or read: facts for user level, reserved memory.
 */
#include "arch/boot.h"

#include "arch/machine.h"
#include "base/arch.h"
#include "debug/log.h"

#define RESERVED_MAX 32

struct purlin_boot_info boot_info = { .magic = PURLIN_BOOT_MAGIC,
				      .abi_version = PURLIN_ABI_VERSION };
struct physical boot_bundle = { ~0ull };
struct physical kernel_image_end;

static struct {
	uint64_t base, end;
} reserved[RESERVED_MAX];
static unsigned int reserved_count;

void reserved_add(uint64_t base, uint64_t bytes)
{
	kernel_assert(reserved_count < RESERVED_MAX);
	reserved[reserved_count].base = base & ~(PAGE_SIZE - 1);
	reserved[reserved_count++].end = (base + bytes + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

bool arch_physical_reserved(struct physical base, uint64_t pages)
{
	for (unsigned int i = 0; i < reserved_count; i++)
		if (base.value < reserved[i].end &&
		    base.value + pages * PAGE_SIZE > reserved[i].base)
			return true;
	return false;
}

void boot_copy_text(char *to, size_t size, const char *from)
{
	size_t i = 0;

	for (; i + 1 < size && from[i]; i++)
		to[i] = from[i];
	to[i] = '\0';
}
