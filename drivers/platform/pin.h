/* SPDX-License-Identifier: MIT */
/* Pinned memory of clients. */
#ifndef PLATFORM_PIN_H
#define PLATFORM_PIN_H

#include <stdint.h>

#include "purlin/types.h"

/* Pin the memory object in the slot and learn its address. BAD_ARGUMENT: not contiguous. */
purlin_s64 memory_pin_slot(purlin_u64 slot, uint64_t *address);
/* Unpin it and delete the slot. */
void memory_release_pin(purlin_u64 slot);

#endif
