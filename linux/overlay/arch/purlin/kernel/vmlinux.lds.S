/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The image: linked at __START_KERNEL_map, loaded by init at the physical addresses
 * of its segments. The entry point is a physical address, as in x86.
 */
#define LOAD_OFFSET __START_KERNEL_map
#define RUNTIME_DISCARD_EXIT
#define EMITS_PT_NOTE
#define RO_EXCEPTION_TABLE_ALIGN 16

#include <asm-generic/vmlinux.lds.h>
#include <asm/asm-offsets.h>
#include <asm/cache.h>
#include <asm/page_types.h>
#include <asm/thread_info.h>

OUTPUT_ARCH(i386:x86-64)
ENTRY(physical_startup)

jiffies = jiffies_64;

PHDRS
{
	text PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(0);
}

SECTIONS
{
	. = __START_KERNEL_map + LOAD_PHYSICAL_ADDR;
	physical_startup = ABSOLUTE(purlin_head - LOAD_OFFSET);

	.text : AT(ADDR(.text) - LOAD_OFFSET) {
		_text = .;
		_stext = .;
		HEAD_TEXT
		TEXT_TEXT
		SCHED_TEXT
#ifdef CPUIDLE_TEXT
		CPUIDLE_TEXT
#endif
		LOCK_TEXT
		KPROBES_TEXT
		IRQENTRY_TEXT
		SOFTIRQENTRY_TEXT
		. = ALIGN(64);
		__entry_text_start = .;
		*(.entry.text)
		__entry_text_end = .;
		*(.gnu.warning)
	} :text = 0xcccccccc

	_etext = .;
	. = ALIGN(PAGE_SIZE);

	RO_DATA(PAGE_SIZE)

	.data : AT(ADDR(.data) - LOAD_OFFSET) {
		_sdata = .;
		INIT_TASK_DATA(THREAD_SIZE)
		PAGE_ALIGNED_DATA(PAGE_SIZE)
		CACHELINE_ALIGNED_DATA(L1_CACHE_BYTES)
		DATA_DATA
		CONSTRUCTORS
		READ_MOSTLY_DATA(L1_CACHE_BYTES)
		_edata = .;
	} :data

	BUG_TABLE

	. = ALIGN(PAGE_SIZE);
	__init_begin = .;
	PERCPU_SECTION(L1_CACHE_BYTES)
	INIT_TEXT_SECTION(PAGE_SIZE)
	INIT_DATA_SECTION(16)
	.exit.text : AT(ADDR(.exit.text) - LOAD_OFFSET) {
		EXIT_TEXT
	}
	.exit.data : AT(ADDR(.exit.data) - LOAD_OFFSET) {
		EXIT_DATA
	}
	. = ALIGN(PAGE_SIZE);
	__init_end = .;

	BSS_SECTION(PAGE_SIZE, PAGE_SIZE, PAGE_SIZE)
	. = ALIGN(PAGE_SIZE);
	_end = .;

	/* Newer trees keep what modinfo shows of built-in modules until the last link. */
#ifdef MODINFO
	MODINFO
#endif
	STABS_DEBUG
	DWARF_DEBUG
	ELF_DETAILS

	DISCARDS

	/* Nothing is dynamic: these must stay empty. */
	.got : { *(.got) *(.igot.*) }
	.got.plt (INFO) : { *(.got.plt) }
	.plt : { *(.plt) *(.plt.*) *(.iplt) }
	.rel.dyn : { *(.rel.*) *(.rel_*) }
	.rela.dyn : { *(.rela.*) *(.rela_*) }
}

ASSERT(_end - _text <= KERNEL_IMAGE_SIZE, "the image is larger than its window")
