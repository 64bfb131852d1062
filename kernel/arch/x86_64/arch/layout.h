/* SPDX-License-Identifier: MIT */
/*
 * The kernel's part of every address space: PML4 slots 256..271.
 * Slot 256: image and stacks. Slots 257..: all physical memory, linearly.
 *
 * Cacheability (PAT, SDM 3A 11.12): PWT alone is write combining, PCD and PWT
 * together uncached, none of them write back.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#define KERNEL_LINK_BASE 0xffff800000000000 /* + physical load address of the image */
#define KERNEL_LOAD 0x200000		    /* physical; the image is linked for it */
#define DIRECT_MAP_BASE 0xffff808000000000
#define DIRECT_MAP_SLOTS 8 /* 4 TiB */
#define STACKS_BASE \
	(KERNEL_LINK_BASE + 0x4000000000) /* stacks of processor n at + n * STACKS_BYTES */
#define STACKS_BYTES 0x10000
#define GUEST_PML4_FIRST 272

#endif
