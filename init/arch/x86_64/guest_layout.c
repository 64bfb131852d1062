/* SPDX-License-Identifier: MIT */
/* Where a Linux for x86-64 expects its memory: PAGE_OFFSET and __START_KERNEL_map. */
#include "init/arch.h"

const purlin_u64 arch_guest_linear_map = 0xffff888000000000;
const purlin_u64 arch_guest_image_map = 0xffffffff80000000;
