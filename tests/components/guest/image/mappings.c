/* SPDX-License-Identifier: MIT */
/* Batches and spaces: what the process and the guest kernel can reach after each entry. */
#include "purlin/boot.h"
#include "../report.h"
#include "image.h"
#include "mappings.h"

void check_mappings(void)
{
	purlin_u64 *data = (purlin_u64 *)(GUEST_LINEAR_BASE + FRAMES + 0x1000);

	user_registers[RDI] = HOLE + 8;
	user_registers[RSI] = 4711;
	run(RESUME_USER, program(user_store), IF);
	check("#PF: vector", state.frame.vector, 14);
	check("#PF: error", state.frame.error, 6);
	check("#PF: cr2", state.frame.cr2, HOLE + 8);
	map(HOLE, FRAMES + 0x2000, PURLIN_MAP_READ);
	run(RESUME_USER, state.frame.rip, IF);
	check("#PF: write to read-only", state.frame.error, 7);
	map(HOLE, FRAMES + 0x2000, RW);
	run(RESUME_USER, state.frame.rip, IF);
	check("mapped with the resume", *(purlin_u64 *)(GUEST_LINEAR_BASE + FRAMES + 0x2008), 4711);
	check("batch consumed", state.batch_count, 0);
	note(HOLE | PURLIN_BATCH_WRITE_PROTECT, 1);
	run(RESUME_USER, program(user_store), IF);
	check("write-protected", state.frame.error, 7);
	note(0 | PURLIN_BATCH_WRITE_PROTECT, PURLIN_GUEST_USER_END / 4096);
	map(HOLE, FRAMES + 0x2000, RW);
	note(HOLE | PURLIN_BATCH_UNMAP, 1);
	run(RESUME_USER, program(user_store), IF);
	check("unmapped", state.frame.error, 6);
	run(RESUME_USER, DATA, IF);
	check("no-execute", state.frame.error, 0x15);

	data[2] = 0xfeed;
	map(DATA, FRAMES + 0x1000, RW);
	purlin_vcpu_apply();
	last.count = 0;
	check("kernel mode reads the process", kernel_load((purlin_u64 *)(DATA + 16)), 0xfeed);
	kernel_load((purlin_u64 *)HOLE);
	check("kernel mode: #PF", last.vector, 14);
	check("  from kernel", last.from_user, 0);
	check("  error", last.error, 4);
	check("  flags: events were disabled", last.rflags & IF, 0);
	kernel_store((purlin_u64 *)CODE, 1);
	check("kernel mode: write to read-only", last.error, 7);
	kernel_execute(program(user_syscalls));
	check("kernel mode does not execute the process", last.error, 0x15);
}

#define TABLE_AREA 0x700000ull

void note_table(purlin_u64 virtual_address, purlin_u64 pages, purlin_u64 first)
{
	note(virtual_address | PURLIN_BATCH_TABLE | (pages - 1) << 4, TABLE + first * 8);
}

purlin_u64 vector_of_load(purlin_u64 address)
{
	last.vector = 0;
	kernel_load((purlin_u64 *)address);
	return last.vector;
}

static purlin_u64 error_of_store(purlin_u64 address)
{
	last.error = 0;
	kernel_store((purlin_u64 *)address, 1);
	return last.error;
}

/* FRAMES + 0x1000 has 0xfeed in its third word. */
void check_table(void)
{
	volatile purlin_u64 *table = (purlin_u64 *)(GUEST_LINEAR_BASE + TABLE);
	const purlin_u64 page = FRAMES + 0x1000, other = FRAMES + 0x4000;

	table[0] = 0;
	table[1] = page | WRITABLE_ENTRY;
	table[2] = page | ENTRY | PURLIN_ENTRY_WRITE;
	table[3] = page | (WRITABLE_ENTRY & ~(purlin_u64)PURLIN_ENTRY_ACCESSED);
	table[4] = other | ENTRY;
	map(TABLE_AREA, page, RW);
	map(TABLE_AREA + 0x3000, page, RW);
	purlin_vcpu_apply();
	note_table(TABLE_AREA, 5, 0);
	purlin_vcpu_apply();
	check("table: not present", vector_of_load(TABLE_AREA), 14);
	check("table: present", kernel_load((purlin_u64 *)(TABLE_AREA + 0x1010)), 0xfeed);
	check("table: writable and dirty", error_of_store(TABLE_AREA + 0x1018), 0);
	check("table: not dirty", error_of_store(TABLE_AREA + 0x2018), 7);
	check("table: not accessed", vector_of_load(TABLE_AREA + 0x3000), 14);
	check("table: other rights, other page", error_of_store(TABLE_AREA + 0x4018), 7);
	run(RESUME_USER, TABLE_AREA + 0x1000, IF);
	check("table: no-execute", state.frame.error, 0x15);

	/* Read when it is applied, not when it is noted; seen at once. */
	note_table(TABLE_AREA + 0x1000, 2, 1);
	table[1] = 0;
	table[2] = other | WRITABLE_ENTRY;
	purlin_vcpu_apply();
	check("table: taken away", vector_of_load(TABLE_AREA + 0x1000), 14);
	check("table: exchanged, now writable", error_of_store(TABLE_AREA + 0x2010), 0);

	/* A region the kernel has no table for yet, and the end of it. */
	table[511] = page | ENTRY;
	note_table(0x7fffffe00000 - 0x1000, 1, 511);
	note_table(0x40000000, 1, 0);
	purlin_vcpu_apply();
	check("table: new region", kernel_load((purlin_u64 *)(0x7fffffe00000 - 0xff0)), 0xfeed);
	check("table: nothing of a region without a table", vector_of_load(0x40000000), 14);

	table[1] = page | WRITABLE_ENTRY;
	note_table(0xffffc90000000000, 2, 0);
	purlin_vcpu_apply();
	check("table: kernel half", kernel_load((purlin_u64 *)0xffffc90000001010), 0xfeed);
	table[1] = 0;
	note_table(0xffffc90000000000, 2, 0);
	purlin_vcpu_apply();
	check("table: kernel half, taken away", vector_of_load(0xffffc90000001000), 14);
}

#define LARGE_AREA 0x80000000ull
#define LARGE_ENTRY 8 /* in the table's page; it maps all from FRAMES on */

static void follow_large(purlin_u64 entry)
{
	((volatile purlin_u64 *)(GUEST_LINEAR_BASE + TABLE))[LARGE_ENTRY] = entry;
	note(LARGE_AREA | PURLIN_BATCH_LARGE, TABLE + LARGE_ENTRY * 8);
	purlin_vcpu_apply();
}

static purlin_u64 load_large(purlin_u64 offset)
{
	return kernel_load((purlin_u64 *)(LARGE_AREA + offset));
}

void check_large(void)
{
	const purlin_u64 large = FRAMES | PURLIN_ENTRY_LARGE;

	*(volatile purlin_u64 *)(GUEST_LINEAR_BASE + FRAMES + 0x1ffff0) = 0xe4d;
	follow_large(large | WRITABLE_ENTRY);
	check("large: first pages", load_large(0x1010), 0xfeed);
	check("large: last page", load_large(0x1ffff0), 0xe4d);
	run(RESUME_USER, LARGE_AREA + 0x1000, IF);
	check("large: no-execute", state.frame.error, 0x15);
	/* Faults and ways through user mode may flush: TLBs see it again. */
	check("large: writable and dirty", error_of_store(LARGE_AREA + 0x1ffff0), 0);
	follow_large(large | ENTRY | PURLIN_ENTRY_WRITE);
	check("large: not dirty any more", error_of_store(LARGE_AREA + 0x1ffff0), 7);
	check("large: kept for reading", load_large(0x1010), 0xfeed);

	/* In turns with small pages, which TLBs have seen before. */
	map(LARGE_AREA + 0x3000, FRAMES + 0x1000, RW);
	purlin_vcpu_apply();
	check("large: a small page inside", load_large(0x3010), 0xfeed);
	check("large: the rest is gone", vector_of_load(LARGE_AREA + 0x1000), 14);
	check("large: a small page that is written", error_of_store(LARGE_AREA + 0x3018), 0);
	follow_large(large | ENTRY);
	check("large: in place of a page", error_of_store(LARGE_AREA + 0x3010), 7);
	note((LARGE_AREA + 0x5000) | PURLIN_BATCH_UNMAP, 1);
	purlin_vcpu_apply();
	check("large: a part taken away", vector_of_load(LARGE_AREA + 0x5000), 14);

	follow_large(large | (WRITABLE_ENTRY & ~(purlin_u64)PURLIN_ENTRY_NO_EXECUTE));
	check("large: executable ones", load_large(0x1010), 0xfeed);
	check("large: executable ones, to the end", load_large(0x1ffff0), 1);
	follow_large(FRAMES | WRITABLE_ENTRY);
	check("large: a table's entry", vector_of_load(LARGE_AREA + 0x1000), 14);
}

void check_spaces(void)
{
	note(PURLIN_BATCH_SPACE, SPACE_TWO);
	map(CODE, FRAMES, RX);
	map(DATA, FRAMES + 0x3000, RW);
	note(DATA | PURLIN_BATCH_MAP | (1 << 4), (FRAMES + 0x3000) | RW);
	purlin_vcpu_apply();
	check("current space unchanged", kernel_load((purlin_u64 *)(DATA + 16)), 0xfeed);
	purlin_vcpu_switch(SPACE_TWO);
	check("other space", kernel_load((purlin_u64 *)(DATA + 16)), 0);
	check("two pages by one entry", kernel_store((purlin_u64 *)(DATA + 4096), 5), 0);
	run(RESUME_USER, program(user_ud2), IF);
	check("process in the other space", state.frame.vector, 6);
	purlin_vcpu_switch(SPACE_ONE);
	check("back", kernel_load((purlin_u64 *)(DATA + 16)), 0xfeed);
	check("destroy a space", (purlin_u64)purlin_object_destroy(SPACE_TWO), 0);
	check("switch to a destroyed one", (purlin_u64)purlin_vcpu_switch(SPACE_TWO),
	      (purlin_u64)PURLIN_DEAD);
	purlin_vcpu_switch(0);
	last.vector = 0;
	kernel_load((purlin_u64 *)(DATA + 16));
	check("no space: nothing mapped", last.vector, 14);
	purlin_vcpu_switch(SPACE_ONE);
	/* Kernel half: a page of RAM at an address of its own. */
	map(0xffffc90000000000, FRAMES + 0x1000, RW);
	purlin_vcpu_apply();
	check("kernel half mapped", kernel_load((purlin_u64 *)0xffffc90000000010), 0xfeed);
	note(0xffffc90000000000 | PURLIN_BATCH_UNMAP, 1);
	purlin_vcpu_apply();
	last.vector = 0;
	kernel_load((purlin_u64 *)0xffffc90000000010);
	check("kernel half unmapped", last.vector, 14);
}
