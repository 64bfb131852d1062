/* SPDX-License-Identifier: MIT */
/* Included first, in place of arch/layout.h: memory lies where its physical address says. */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#define DIRECT_MAP_BASE 0
#define GUEST_PML4_FIRST 272

#endif
