/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What the kernel hands to the first component, core: a page and capabilities. */
#ifndef PURLIN_BOOT_H
#define PURLIN_BOOT_H

#include "purlin/arch/layout.h"
#include "types.h"

#define PURLIN_BOOT_MAGIC 0x4e494c525550ull /* "PURLIN" */

/* Slots every component finds filled. Slot 0 is never valid. */
#define PURLIN_SLOT_PD 1      /* its own protection domain (no DESTROY) */
#define PURLIN_SLOT_ACCOUNT 2 /* its own account */
#define PURLIN_SLOT_THREAD 3  /* its first thread or vCPU */
#define PURLIN_SLOT_PARENT 4  /* endpoint of its parent (not in core) */
#define PURLIN_SLOT_LOG 5     /* kernel log; guests and trusted components only */
/* core only: */
#define PURLIN_SLOT_IRQ_ROOT 6
#define PURLIN_SLOT_PHYSICAL_ROOT 7
#define PURLIN_SLOT_IO_PORTS 8 /* all of them; only x86 has any */
#define PURLIN_SLOT_BUNDLE 9   /* memory object: the boot bundle, read-only */
/* guests only: */
#define PURLIN_SLOT_EVENTS 10 /* four signals, 10..13, bound to pending[0..3] of vCPU 0 */
#define PURLIN_SLOT_FIRST_FREE 16

#define PURLIN_CORE_SLOTS 16384 /* size of core's capability table */

#ifndef __ASSEMBLER__
enum purlin_memory_kind {
	PURLIN_MEMORY_USABLE = 1, /* the kernel's allocator has it */
	PURLIN_MEMORY_RESERVED = 2,
	PURLIN_MEMORY_ACPI = 3, /* tables, reclaimable */
	PURLIN_MEMORY_NVS = 4,
	PURLIN_MEMORY_BAD = 5,
};

struct purlin_memory_range {
	purlin_u64 base; /* physical address */
	purlin_u64 size; /* bytes */
	purlin_u64 kind; /* enum purlin_memory_kind */
};

/*
 * What the boot loader left for text and pictures: lines of pixels from top to bottom, each with
 * red, green and blue at these bits.
 */
struct purlin_framebuffer {
	purlin_u64 base;  /* physical address */
	purlin_u32 pitch; /* bytes from one line to the next */
	purlin_u32 width; /* pixels; 0: there is no framebuffer */
	purlin_u32 height;
	purlin_u8 depth; /* bits of a pixel: 16, 24 or 32 */
	purlin_u8 red_at, red_bits, green_at, green_bits, blue_at, blue_bits;
	purlin_u8 reserved[5];
};

/*
 * Mapped read-only into core; its address is the argument of core's
 * first thread. The bundle is a cpio archive in "newc" form whose members'
 * data is page-aligned; member "core" is what the kernel started.
 */
struct purlin_boot_info {
	purlin_u64 magic;
	purlin_u32 abi_version;
	purlin_u32 cpu_count;	/* processors that came up: their numbers are 0 to cpu_count - 1 */
	purlin_u64 tsc_hz;	/* of the time stamp counter, in which all deadlines are given */
	purlin_u64 rsdp;	/* physical address (ACPI 6.5, 5.2.5), 0: none found */
	purlin_u64 bundle_size; /* bytes */
	purlin_u64 free_pages;	/* of RAM, before core was made */
	purlin_u32 memory_ranges; /* valid ones of memory[], by address */
	purlin_u32 reserved;
	char command_line[512]; /* ends with a zero byte; cut off if it was longer */
	struct purlin_memory_range memory[64];
	struct purlin_framebuffer framebuffer;
};
_Static_assert(sizeof(struct purlin_framebuffer) == 32, "ABI: framebuffer");
#endif

#endif
