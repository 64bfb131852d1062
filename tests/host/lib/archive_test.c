/* SPDX-License-Identifier: MIT */
/* Boot bundle and ELF programs: sound ones, and any damage without a stray access. */
#include "test.h"

#include <elf.h>

#include "lib/formats/cpio.h"
#include "lib/formats/elf.h"

static char archive[4096];

static size_t put_member(size_t at, const char *name, const char *data, size_t bytes)
{
	size_t name_size = strlen(name) + 1;

	at += (size_t)sprintf(archive + at,
			      "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, 0,
			      0, 0, 1, 0, bytes, 0, 0, 0, 0, name_size, 0);
	strcpy(archive + at, name);
	at = (at + name_size + 3) & ~(size_t)3;
	memcpy(archive + at, data, bytes);
	return (at + bytes + 3) & ~(size_t)3;
}

static size_t make_archive(void)
{
	size_t at = put_member(0, "core", "abcd", 4);

	at = put_member(at, "init", "hello", 5);
	return put_member(at, "TRAILER!!!", "", 0);
}

static void finds_members(void **state)
{
	size_t bytes = make_archive();
	struct cpio_member member;

	(void)state;
	assert_true(cpio_find(archive, bytes, "init", &member));
	assert_int_equal(member.bytes, 5);
	assert_memory_equal(member.data, "hello", 5);
	assert_false(cpio_find(archive, bytes, "none", &member));
	assert_false(cpio_find(archive, bytes, "TRAILER!!!", &member));
	assert_false(cpio_find(archive, 0, "init", &member));
}

/* A copy of exactly the size, so that ASan sees each access beyond it. */
static void survives_damage(void **state)
{
	size_t bytes = make_archive();

	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		size_t kept = test_random() % (bytes + 1);
		char *copy = malloc(kept ? kept : 1);
		struct cpio_member member;
		size_t offset = 0;

		memcpy(copy, archive, kept);
		for (unsigned int i = test_random() % 4; kept && i; i--)
			copy[test_random() % kept] = (char)test_random();
		while (cpio_next(copy, kept, &offset, &member))
			assert_true(strlen(member.name) < kept);
		free(copy);
	}
}

static struct {
	Elf64_Ehdr file;
	Elf64_Phdr segment[3];
	char data[64];
} program;

static void make_program(void)
{
	memset(&program, 0, sizeof(program));
	memcpy(program.file.e_ident, ELFMAG "\2\1\1", 7);
	program.file.e_type = ET_EXEC;
	program.file.e_machine = EM_X86_64;
	program.file.e_phoff = offsetof(typeof(program), segment);
	program.file.e_phentsize = sizeof(Elf64_Phdr);
	program.file.e_phnum = 3;
	program.file.e_entry = 0x401000;
	program.segment[0].p_type = PT_NOTE;
	program.segment[1] = (Elf64_Phdr){ PT_LOAD,  PF_R | PF_X, offsetof(typeof(program), data),
					   0x401000, 0x1000,	  32,
					   48,	     0x1000 };
	program.segment[2] =
		(Elf64_Phdr){ PT_LOAD, PF_R | PF_W, 0, 0x402000, 0x2000, 0, 8, 0x1000 };
}

static void reads_segments(void **state)
{
	struct elf_segment segment;
	unsigned int index = 0;
	purlin_u64 entry = 0;

	(void)state;
	make_program();
	assert_true(elf_check(&program, sizeof(program), &entry));
	assert_int_equal(entry, 0x401000);
	assert_true(elf_segment(&program, &index, &segment));
	assert_int_equal(segment.virtual_address, 0x401000);
	assert_int_equal(segment.file_bytes, 32);
	assert_int_equal(segment.memory_bytes, 48);
	assert_int_equal(segment.rights, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	assert_ptr_equal(segment.data, program.data);
	assert_true(elf_segment(&program, &index, &segment));
	assert_int_equal(segment.rights, PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	assert_false(elf_segment(&program, &index, &segment));
}

static void refuses_bad_segments(void **state)
{
	purlin_u64 entry;

	(void)state;
	make_program();
	program.segment[1].p_filesz = 49; /* more than in memory */
	assert_false(elf_check(&program, sizeof(program), &entry));
	make_program();
	program.segment[1].p_vaddr = ~0ull - 8;
	assert_false(elf_check(&program, sizeof(program), &entry));
	make_program();
	program.segment[1].p_vaddr = ~0ull - 48 - 0x800; /* its last page would wrap */
	assert_false(elf_check(&program, sizeof(program), &entry));
	make_program();
	program.segment[1].p_offset = sizeof(program) - 31;
	assert_false(elf_check(&program, sizeof(program), &entry));
}

static void program_survives_damage(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		size_t kept = sizeof(program) - test_random() % 100;
		char *copy = malloc(kept);
		struct elf_segment segment;
		unsigned int index = 0;
		purlin_u64 entry, sum = 0;

		make_program();
		memcpy(copy, &program, kept);
		for (unsigned int i = test_random() % 6; i; i--)
			copy[test_random() % kept] = (char)test_random();
		if (elf_check(copy, kept, &entry)) {
			while (elf_segment(copy, &index, &segment)) {
				for (purlin_u64 i = 0; i < segment.file_bytes; i++)
					sum += ((const unsigned char *)segment.data)[i];
			}
		}
		(void)sum;
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_members),	   cmocka_unit_test(survives_damage),
		cmocka_unit_test(reads_segments),	   cmocka_unit_test(refuses_bad_segments),
		cmocka_unit_test(program_survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
