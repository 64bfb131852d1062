/* SPDX-License-Identifier: MIT */
/* Changing what is mapped in a range of pages, below any root. */
#ifndef ARCH_RANGE_H
#define ARCH_RANGE_H

#include "object/arch_guest.h"

/* As arch_guest_change() of object/arch_guest.h. */
void range_change(uint64_t *root, uint64_t virtual_address, uint64_t *pages, enum range_work work,
		  struct tlb_batch *gone);

#endif
