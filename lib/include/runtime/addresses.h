/* SPDX-License-Identifier: MIT */
/* Which virtual addresses of the component are free, for mappings that may lie anywhere. */
#ifndef RUNTIME_ADDRESSES_H
#define RUNTIME_ADDRESSES_H

#include "purlin/types.h"

/* Addresses handed out lie in between; what the linker places lies below. */
#define ADDRESSES_START 0x0000001000000000ull
#define ADDRESSES_END 0x00007fff00000000ull

/*
 * A free range, aligned to `align` bytes (a power of two, at least a page),
 * with a page left free after it; 0 when there is none.
 */
purlin_u64 addresses_reserve(purlin_u64 pages, purlin_u64 align);
/* Give back the range that starts here. */
void addresses_release(purlin_u64 start);

/* How many ranges are taken: tells what somebody forgot to give back. */
unsigned int address_ranges_in_use(void);

#endif
