/* SPDX-License-Identifier: GPL-2.0 */
/* One segment, readable and executable; the data pages lie in front of it. */
#include <linux/const.h>
#include <asm/page_types.h>
#include <asm/vdso.h>
#include <vdso/datapage.h>

OUTPUT_FORMAT("elf64-x86-64")
OUTPUT_ARCH(i386:x86-64)

SECTIONS
{
#ifdef VDSO_VVAR_SYMS
	VDSO_VVAR_SYMS
#else
	PROVIDE_HIDDEN(_vdso_data = . - VVAR_PAGES * 4096);
	PROVIDE_HIDDEN(_timens_data = _vdso_data + 4096);
	PROVIDE_HIDDEN(_vdso_rng_data = _vdso_data + 2048);
#endif

	. = SIZEOF_HEADERS;

	/* First of all, so that its place needs no symbol. */
	.switches	: { KEEP(*(.switches)) }	:text
	.hash		: ALIGN(8) { *(.hash) }		:text
	.gnu.hash	: { *(.gnu.hash) }
	.dynsym		: { *(.dynsym) }
	.dynstr		: { *(.dynstr) }
	.gnu.version	: { *(.gnu.version) }
	.gnu.version_d	: { *(.gnu.version_d) }
	.gnu.version_r	: { *(.gnu.version_r) }
	.dynamic	: { *(.dynamic) }		:text	:dynamic

	.rodata		: {
		*(.rodata*)
		*(.data*)
		*(.got.plt) *(.got)
		*(.bss*)
	}						:text

	/DISCARD/	: { *(.note.gnu.property) *(.note.GNU-stack) }
	.note		: { *(.note.*) }		:text	:note

	.eh_frame_hdr	: { *(.eh_frame_hdr) }		:text	:eh_frame_hdr
	.eh_frame	: { KEEP (*(.eh_frame)) }	:text

	.text		: { *(.text*) }			:text	=0x90909090

	/DISCARD/	: {
		*(.discard) *(.discard.*)
		*(__ex_table) *(__bug_table)
	}
}

#define PT_GNU_EH_FRAME 0x6474e550

PHDRS
{
	text		PT_LOAD		FLAGS(5) FILEHDR PHDRS;
	dynamic		PT_DYNAMIC	FLAGS(4);
	note		PT_NOTE		FLAGS(4);
	eh_frame_hdr	PT_GNU_EH_FRAME;
}

VERSION
{
	LINUX_2.6 {
	global:
		clock_gettime;
		__vdso_clock_gettime;
		clock_getres;
		__vdso_clock_getres;
		gettimeofday;
		__vdso_gettimeofday;
		time;
		__vdso_time;
		getcpu;
		__vdso_getcpu;
	local: *;
	};
}
