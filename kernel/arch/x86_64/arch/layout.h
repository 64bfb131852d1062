/* SPDX-License-Identifier: MIT */
/*
 * The kernel's part of every address space: PML4 slots 256..271.
 * Slot 256: image. Slots 257..: all physical memory, linearly.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#define KERNEL_LINK_BASE 0xffff800000000000 /* + physical load address of the image */
#define KERNEL_LOAD 0x200000		    /* physical; the image is linked for it */
#define DIRECT_MAP_BASE 0xffff808000000000
#define DIRECT_MAP_SLOTS 8 /* 4 TiB */
#define GUEST_PML4_FIRST 272

#endif
