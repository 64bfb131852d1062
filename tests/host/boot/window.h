/* SPDX-License-Identifier: MIT */
/*
 * Included before everything else in the files that shapes_test.c tests: the kernel's layout inside
 * a Linux program, where a window stands for the direct map, and its one instruction of ring 0.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#include <stdint.h>

#define KERNEL_LOAD 0x200000
#define KERNEL_LINK_BASE ((uint64_t)image_start - KERNEL_LOAD)
#define DIRECT_MAP_BASE 0x200000000000
#define DIRECT_MAP_SLOTS 8 /* 4 TiB */
#define GUEST_PML4_FIRST 272

#define cr3_write cr3_write_of_the_machine
#include "arch/instructions.h"
#undef cr3_write
void cr3_write(uint64_t value);

#endif
