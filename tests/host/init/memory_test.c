/* SPDX-License-Identifier: MIT */
/*
 * A guest's RAM: image, initrd and device tree never meet, down to the last byte, and what does not
 * fit is refused.
 */
#include "tests/host/lib/test.h"

#include <elf.h>

#include "init/arch.h"
#include "init/boot_data.h"
#include "init/guest.h"
#include "init/report.h"
#include "purlin/calls.h"
#include "runtime/memory.h"

#define RAM_BYTES (1ul << 20)
#define IMAGE_START 0x10000ul
#define TREE (RAM_BYTES - GUEST_TREE_BYTES)
#define RAM_SLOT 50

const purlin_u64 arch_guest_linear_map = 0x1000, arch_guest_image_map = 0x2000;

static uint8_t ram[RAM_BYTES], initrd[RAM_BYTES];
static struct {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	uint8_t data[RAM_BYTES];
} image;
static size_t initrd_bytes;
static bool refused;

bool boot_module(const char *name, const void **data, size_t *bytes)
{
	bool kernel = !strcmp(name, "vmlinux");

	*data = kernel ? (const void *)&image : initrd;
	*bytes = kernel ? sizeof(image) : initrd_bytes;
	return true;
}

void report(const struct component *component, const char *format, ...)
{
	(void)component;
	(void)format;
	refused = true;
}

purlin_s64 memory_new(purlin_u64 account, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory)
{
	(void)account;
	assert_int_equal(pages, RAM_BYTES / PURLIN_PAGE_SIZE);
	assert_int_equal(flags, PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G);
	memset(ram, 0, sizeof(ram));
	*memory = RAM_SLOT;
	return PURLIN_OK;
}

purlin_s64 memory_map(purlin_u64 memory, purlin_u64 offset_pages, purlin_u64 pages,
		      purlin_u64 rights, void **address)
{
	(void)rights;
	assert_int_equal(memory, RAM_SLOT);
	assert_true(offset_pages + pages <= RAM_BYTES / PURLIN_PAGE_SIZE);
	*address = ram + offset_pages * PURLIN_PAGE_SIZE;
	return PURLIN_OK;
}

void memory_unmap(void *address)
{
	assert_true((uint8_t *)address >= ram && (uint8_t *)address < ram + RAM_BYTES);
}

purlin_s64 purlin_guest_attach(purlin_u64 pd, purlin_u64 guest_physical, purlin_u64 memory,
			       purlin_u64 offset, purlin_u64 pages, purlin_u64 rights)
{
	(void)pd;
	(void)offset;
	(void)rights;
	assert_int_equal(guest_physical, 0);
	assert_int_equal(memory, RAM_SLOT);
	assert_int_equal(pages, RAM_BYTES / PURLIN_PAGE_SIZE);
	return PURLIN_OK;
}

purlin_s64 purlin_guest_map(purlin_u64 pd, purlin_u64 address, purlin_u64 guest_physical,
			    purlin_u64 pages, purlin_u64 rights)
{
	(void)pd;
	(void)address;
	(void)guest_physical;
	(void)rights;
	assert_true(pages <= RAM_BYTES / PURLIN_PAGE_SIZE);
	return PURLIN_OK;
}

static void make_image(size_t bytes)
{
	memset(&image, 0x11, sizeof(image));
	image.header = (Elf64_Ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', 2, 1, 1 },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	image.segment = (Elf64_Phdr){ .p_type = PT_LOAD,
				      .p_flags = PF_R,
				      .p_offset = offsetof(typeof(image), data),
				      .p_vaddr = IMAGE_START,
				      .p_paddr = IMAGE_START,
				      .p_filesz = bytes,
				      .p_memsz = bytes };
}

/* Loads an image and, unless it has no bytes, an initrd; what was loaded is all there. */
static bool fits(size_t image_bytes, size_t bytes)
{
	static struct component component;
	struct component_description wanted = { .memory = RAM_BYTES,
						.kernel = "vmlinux",
						.initrd = bytes ? "initrd" : NULL };
	struct new_guest guest = { .component = &component, .wanted = &wanted };
	purlin_s64 status;

	component.memory_count = 0;
	make_image(image_bytes);
	memset(initrd, 0x22, sizeof(initrd));
	initrd_bytes = bytes;
	refused = false;
	status = guest_memory(&guest);
	if (status) {
		assert_int_equal(status, PURLIN_NO_MEMORY);
		return false;
	}
	assert_memory_equal(ram + IMAGE_START, image.data, image_bytes);
	assert_memory_equal(ram + guest.initrd.start, initrd, bytes);
	assert_true(guest.initrd.end <= guest.tree && guest.tree == TREE);
	assert_true(IMAGE_START + image_bytes <= guest.tree);
	return true;
}

static void initrd_keeps_clear_of_the_image(void **state)
{
	/* Half a page of the image lies in the page that the initrd would begin in. */
	const size_t image_bytes = 0x20800, room = TREE - IMAGE_START - image_bytes;

	(void)state;
	assert_true(fits(image_bytes, 1));
	assert_true(fits(image_bytes, room - 0x800));
	assert_false(fits(image_bytes, room - 0x7ff));
	assert_true(refused);
	assert_false(fits(image_bytes, room));
	assert_false(fits(image_bytes, RAM_BYTES));
	assert_true(fits(0x20000, TREE - IMAGE_START - 0x20000));
}

static void tree_keeps_clear_of_the_image(void **state)
{
	(void)state;
	assert_true(fits(TREE - IMAGE_START, 0));
	assert_false(fits(TREE - IMAGE_START + 1, 0));
	assert_true(refused);
	assert_false(fits(RAM_BYTES - IMAGE_START, 0));
	assert_false(fits(RAM_BYTES - IMAGE_START + 1, 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(initrd_keeps_clear_of_the_image),
		cmocka_unit_test(tree_keeps_clear_of_the_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
