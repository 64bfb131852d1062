// SPDX-License-Identifier: MIT
/* From the boot bundle to the first component: its account, PD, memory, capabilities and thread. */
#include "core/core_start.h"

#include "base/arch.h"
#include "core/call.h"
#include "base/pages.h"
#include "object/scheduler.h"
#include "base/string.h"
#include "debug/log.h"
#include "lib/formats/cpio.h"
#include "lib/formats/elf.h"
#include "object/account.h"
#include "object/io_port.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/thread.h"

#define CORE_PRIORITY (PURLIN_PRIORITIES - 1)
#define BOOT_INFO_ADDRESS (PURLIN_FIRST_MESSAGE - PAGE_SIZE) /* told to core in a register */
_Static_assert(sizeof(struct purlin_boot_info) <= PAGE_SIZE, "one page");

static struct account root_account;
static struct object irq_root, physical_root, log_root;
static struct io_port all_ports = { .first = 0, .count = 65536 };

static uint64_t pages_of(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* Without core there is nothing to return an error to. */
static void must(status result, const char *what)
{
	if (result != PURLIN_OK)
		panic("core: %s: %s\n", what, status_name(result));
}

static struct memory *memory_create(uint64_t pages)
{
	struct memory *memory;
	status result;

	must(memory_begin(&root_account, pages, PURLIN_MEMORY_CONTIGUOUS, &memory), "memory");
	/* There is no thread yet that an interrupt could be for: go on at once. */
	do
		result = memory_continue(memory);
	while (result == CALL_RESTART);
	must(result, "memory");
	return memory;
}

/* Afterwards only the region refers to the memory, so it lives as long as core's PD. */
static void memory_map(struct pd *pd, struct memory *memory, uint64_t address, uint32_t rights)
{
	struct region *region;
	status result;

	must(region_create(pd, region_place(pd, address), memory, address, 0, memory->pages, rights,
			   &region),
	     "mapping");
	do
		result = region_map(region);
	while (result == CALL_RESTART);
	must(result, "mapping");
	object_put(&memory->object);
}

static void segment_load(struct pd *pd, const struct elf_segment *segment)
{
	uint64_t offset = segment->virtual_address % PAGE_SIZE;
	struct memory *memory = memory_create(pages_of(offset + segment->memory_bytes));
	char *to = arch_physical_to_kernel(memory_physical(memory, 0));

	memcpy(to + offset, segment->data, segment->file_bytes);
	memory_map(pd, memory, segment->virtual_address - offset, (uint32_t)segment->rights);
}

/* Returns the entry point. */
static uint64_t program_load(struct pd *pd, const void *bundle, size_t bundle_size)
{
	struct cpio_member core;
	struct elf_segment segment;
	unsigned int index = 0;
	uint64_t entry;

	if (!cpio_find(bundle, bundle_size, "core", &core))
		panic("no member \"core\" in the boot bundle (%zu bytes)\n", bundle_size);
	if (!elf_check(core.data, core.bytes, &entry))
		panic("core is not a static ELF64 program for this machine\n");
	while (elf_segment(core.data, &index, &segment)) {
		if (segment.virtual_address >= ARCH_NATIVE_END ||
		    segment.memory_bytes > ARCH_NATIVE_END - segment.virtual_address)
			panic("core has a segment beyond the lower half\n");
		segment_load(pd, &segment);
	}
	return entry;
}

static void boot_info_map(struct pd *pd, const struct purlin_boot_info *info)
{
	struct memory *memory = memory_create(1);

	memcpy(arch_physical_to_kernel(memory_physical(memory, 0)), info, sizeof(*info));
	memory_map(pd, memory, BOOT_INFO_ADDRESS, PURLIN_MAP_READ);
}

static void grant(struct pd *pd, uint64_t slot, struct object *object, uint32_t rights)
{
	struct capability *capability;

	must(capability_vacancy(&pd->capabilities, pd->object.account, slot, &capability),
	     "capability");
	capability_fill(capability, object, rights, 0);
}

/*
 * Core gets everything there is. It alone ever holds the roots, and makes from them what others
 * get.
 */
static void grant_all(struct pd *pd, struct thread *thread, struct memory *bundle)
{
	grant(pd, PURLIN_SLOT_PD, &pd->object, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY);
	grant(pd, PURLIN_SLOT_ACCOUNT, &root_account.object, PURLIN_RIGHT_ALL);
	grant(pd, PURLIN_SLOT_THREAD, &thread->object, PURLIN_RIGHT_ALL);
	grant(pd, PURLIN_SLOT_LOG, &log_root, PURLIN_RIGHT_ALL);
	grant(pd, PURLIN_SLOT_IRQ_ROOT, &irq_root, PURLIN_RIGHT_ALL);
	grant(pd, PURLIN_SLOT_PHYSICAL_ROOT, &physical_root, PURLIN_RIGHT_ALL);
	grant(pd, PURLIN_SLOT_IO_PORTS, &all_ports.object, PURLIN_RIGHT_ALL);
	grant(pd, PURLIN_SLOT_BUNDLE, &bundle->object,
	      PURLIN_RIGHT_ALL & ~(PURLIN_RIGHT_WRITE | PURLIN_RIGHT_DESTROY));
}

void core_start(const struct purlin_boot_info *info, struct physical bundle)
{
	struct memory *bundle_memory;
	struct thread *thread;
	struct pd *pd;
	uint64_t entry;

	account_init_root(&root_account, pages_available());
	object_init(&irq_root, PURLIN_TYPE_IRQ_ROOT, NULL);
	object_init(&physical_root, PURLIN_TYPE_PHYSICAL_ROOT, NULL);
	object_init(&log_root, PURLIN_TYPE_LOG, NULL);
	object_init(&all_ports.object, PURLIN_TYPE_IO_PORT, NULL);

	if (!physical_valid(bundle))
		panic("no boot bundle\n");
	must(pd_create(&root_account, PURLIN_CORE_SLOTS, PURLIN_PD_PINS,
		       ~0ull >> (64 - arch_cpu_count()), &pd),
	     "PD");
	/*
	 * The right to pin can only be passed on, so whoever has it later got it from core
	 * (pd_create).
	 */
	memcpy(pd->name, "core", sizeof("core"));
	entry = program_load(pd, arch_physical_to_kernel(bundle), info->bundle_size);
	boot_info_map(pd, info);
	must(thread_create(pd, 0, CORE_PRIORITY, PURLIN_FIRST_MESSAGE, &thread), "thread");
	must(memory_describe(&root_account, bundle, pages_of(info->bundle_size),
			     PURLIN_MAP_WRITE_BACK, &bundle_memory),
	     "bundle");
	grant_all(pd, thread, bundle_memory);
	arch_thread_init(thread, entry, 0, BOOT_INFO_ADDRESS);
	scheduler_ready(thread);
}
