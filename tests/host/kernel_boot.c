// SPDX-License-Identifier: MIT
/* From a boot bundle to a running core; damaged bundles and programs. */
#include "kernel_support.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/core_start.h"
#include "base/pages.h"
#include "lib/formats/cpio.h"
#include "lib/formats/elf.h"

#define BUNDLE_BYTES 16384
#define PROGRAM_BYTES 4096
#define ENTRY 0x400010ull

static char bundle[BUNDLE_BYTES];
static size_t bundle_bytes;

static void member(const char *name, const void *data, size_t bytes)
{
	char header[128];
	size_t name_bytes = strlen(name) + 1;

	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 0, 0100644, 0, 0,
		 1, 0, bytes, 0, 0, 0, 0, name_bytes, 0);
	memcpy(bundle + bundle_bytes, header, 110);
	memcpy(bundle + bundle_bytes + 110, name, name_bytes);
	bundle_bytes = (bundle_bytes + 110 + name_bytes + 3) & ~3ull;
	memcpy(bundle + bundle_bytes, data, bytes);
	bundle_bytes = (bundle_bytes + bytes + 3) & ~3ull;
}

struct program {
	uint8_t identification[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_headers, section_headers;
	uint32_t flags;
	uint16_t header_bytes, program_header_bytes, program_header_count;
	uint16_t section_header_bytes, section_header_count, section_names;
	struct {
		uint32_t type, flags;
		uint64_t offset, address, physical, file_bytes, memory_bytes, align;
	} part[3];
	char data[64];
};

static struct program program_good(void)
{
	struct program program = {
		.identification = { 0x7f, 'E', 'L', 'F', 2, 1, 1 },
		.type = 2,
		.machine = 62,
		.entry = ENTRY,
		.program_headers = 64,
		.program_header_bytes = 56,
		.program_header_count = 3,
		.part = { { 1, 5, 0x10, 0x400010, 0, 0x80, 0x80, 4096 },
			  { 2, 6, 0, 0, 0, 0, 0, 0 },
			  { 1, 6, 0, 0x402ff0, 0, 0x20, 0x3000, 4096 } },
	};

	return program;
}

static bool readable(const struct program *program, size_t bytes)
{
	uint64_t entry;
	/* On the heap: a read beyond the end is found. */
	void *copy = malloc(bytes ? bytes : 1);
	bool good;

	memcpy(copy, program, bytes);
	good = elf_check(copy, bytes, &entry);
	free(copy);
	return good;
}

static void archives(void **state)
{
	struct cpio_member found;

	(void)state;
	bundle_bytes = 0;
	member("first", "abcde", 5);
	member("core", "xyz", 3);
	member("TRAILER!!!", "", 0);
	assert_true(cpio_find(bundle, bundle_bytes, "core", &found));
	assert_int_equal(found.bytes, 3);
	assert_memory_equal(found.data, "xyz", 3);
	assert_true(cpio_find(bundle, bundle_bytes, "first", &found));
	assert_false(cpio_find(bundle, bundle_bytes, "cor", &found));
	assert_false(cpio_find(bundle, bundle_bytes, "corex", &found));
	assert_false(cpio_find(bundle, 0, "core", &found));
	/* Cut anywhere, changed anywhere: never beyond the end. */
	for (size_t cut = 0; cut < bundle_bytes; cut++) {
		char *copy = malloc(cut + 1);

		memcpy(copy, bundle, cut);
		if (cpio_find(copy, cut, "core", &found))
			assert_true((const char *)found.data + found.bytes <= copy + cut);
		free(copy);
	}
	for (size_t at = 0; at < bundle_bytes; at++) {
		char *copy = malloc(bundle_bytes);

		memcpy(copy, bundle, bundle_bytes);
		copy[at] = 'f';
		if (cpio_find(copy, bundle_bytes, "core", &found))
			assert_true((const char *)found.data + found.bytes <= copy + bundle_bytes);
		free(copy);
	}
}

static void programs(void **state)
{
	struct program program = program_good();
	struct elf_segment segment;
	unsigned int index = 0;
	uint64_t entry;

	(void)state;
	assert_true(elf_check(&program, sizeof(program), &entry));
	assert_int_equal(entry, ENTRY);
	assert_true(elf_segment(&program, &index, &segment));
	assert_int_equal(segment.rights, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	assert_true(elf_segment(&program, &index, &segment));
	assert_int_equal(segment.rights, PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	assert_int_equal(segment.memory_bytes, 0x3000);
	assert_false(elf_segment(&program, &index, &segment));
	for (size_t cut = 0; cut < sizeof(program); cut++)
		readable(&program, cut);
	assert_false(readable(&program, 63));
	assert_false(readable(&program, 64 + 2 * 56));

#define BROKEN(change)                                             \
	do {                                                       \
		program = program_good();                          \
		change;                                            \
		assert_false(readable(&program, sizeof(program))); \
	} while (0)
	BROKEN(program.identification[0] = 0);
	BROKEN(program.identification[4] = 1);
	BROKEN(program.type = 3);
	BROKEN(program.machine = 3);
	BROKEN(program.program_header_bytes = 32);
	BROKEN(program.program_headers = ~0ull);
	BROKEN(program.program_headers = sizeof(program) - 10);
	BROKEN(program.program_header_count = 0xffff);
	BROKEN(program.part[0].offset = ~0ull);
	BROKEN(program.part[0].offset = sizeof(program) + 1);
	BROKEN(program.part[0].file_bytes = ~0ull);
	BROKEN(program.part[0].file_bytes = sizeof(program));
	BROKEN(program.part[0].file_bytes = 0x81);
	BROKEN(program.part[0].memory_bytes = ~0ull);
}

/* Puts the program into a bundle and the bundle into memory. */
static struct physical bundle_of(const struct program *program, struct purlin_boot_info *info)
{
	struct physical physical;

	bundle_bytes = 0;
	member("core", program, sizeof(*program));
	member("TRAILER!!!", "", 0);
	physical = pages_allocate(4, 1, 0);
	memcpy(arch_physical_to_kernel(physical), bundle, bundle_bytes);
	info->bundle_size = bundle_bytes;
	return physical;
}

/* In a process of its own, since a panic ends it. */
static bool starts_with_first_segment_at(uint64_t address)
{
	struct purlin_boot_info info = { .magic = PURLIN_BOOT_MAGIC, .cpu_count = 3 };
	struct program program = program_good();
	int ended = 0;
	pid_t child = fork();

	if (!child) {
		program.part[0].address = address;
		host_reset();
		scheduler_init();
		core_start(&info, bundle_of(&program, &info));
		_exit(0);
	}
	assert_int_equal(waitpid(child, &ended, 0), child);
	return WIFEXITED(ended) && !WEXITSTATUS(ended);
}

/* The reader allows any address; what a native program may have is the kernel's to know. */
static void core_stays_in_the_lower_half(void **state)
{
	(void)state;
	assert_true(starts_with_first_segment_at(0x400010));
	assert_false(starts_with_first_segment_at(ARCH_NATIVE_END));
	assert_false(starts_with_first_segment_at(0xffff800000000000ull));
	assert_false(starts_with_first_segment_at(ARCH_NATIVE_END - 0x10));
}

static void core_starts(void **state)
{
	struct purlin_boot_info info = { .magic = PURLIN_BOOT_MAGIC, .cpu_count = 3 };
	struct program program = program_good();
	const struct purlin_boot_info *seen;
	struct physical physical;
	struct thread *thread;
	const char *page;
	uint32_t rights;

	(void)state;
	objects_bent = true;
	host_reset();
	scheduler_init();
	core_start(&info, bundle_of(&program, &info));

	thread = scheduler_pick(&processors[0]);
	assert_non_null(thread);
	assert_string_equal(thread->pd->name, "core");
	assert_int_equal(thread->arch.rip, ENTRY);
	assert_int_equal(thread->arch.rsp, 0);
	assert_true(host_translate(&thread->pd->tables, thread->arch.start_argument, &physical,
				   &rights));
	assert_int_equal(rights & 7, PURLIN_MAP_READ);
	seen = arch_physical_to_kernel(physical);
	assert_int_equal(seen->cpu_count, 3);
	assert_true(host_translate(&thread->pd->tables, PURLIN_FIRST_MESSAGE, &physical, &rights));
	assert_ptr_equal(arch_physical_to_kernel(physical), thread->message);
	/* Segments lie at odd places and are zero after their data. */
	assert_true(host_translate(&thread->pd->tables, 0x400000, &physical, &rights));
	assert_int_equal(rights & 7, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	page = arch_physical_to_kernel(physical);
	assert_memory_equal(page + 0x10, (char *)&program + 0x10, 0x80);
	assert_int_equal(page[0x90], 0);
	assert_true(host_translate(&thread->pd->tables, 0x405000, &physical, &rights));
	assert_false(host_translate(&thread->pd->tables, 0x406000, &physical, &rights));
	/* What it holds. */
	assert_int_equal(do_call(thread, CAP_INFO, PURLIN_SLOT_BUNDLE), PURLIN_OK);
	assert_int_equal(result(thread, 1) & (PURLIN_RIGHT_WRITE | PURLIN_RIGHT_DESTROY), 0);
	assert_int_equal(do_call(thread, CAP_INFO, PURLIN_SLOT_PD), PURLIN_OK);
	assert_int_equal(result(thread, 1), PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY);
	for (uint64_t slot = PURLIN_SLOT_PD; slot <= PURLIN_SLOT_BUNDLE; slot++) {
		assert_int_equal(do_call(thread, CAP_INFO, slot), PURLIN_OK);
		assert_int_equal(result(thread, 0) == PURLIN_TYPE_NONE, slot == PURLIN_SLOT_PARENT);
	}
	assert_int_equal(do_call(thread, OBJECT_DESTROY, PURLIN_SLOT_ACCOUNT), PURLIN_BUSY);
	assert_int_equal(do_call(thread, MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, 20, 10, 0), PURLIN_OK);
	while (object_kill(&thread->pd->object) == CALL_RESTART)
		;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archives),
		cmocka_unit_test(programs),
		cmocka_unit_test(core_stays_in_the_lower_half),
		cmocka_unit_test(core_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
