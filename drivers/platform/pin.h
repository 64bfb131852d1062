/* SPDX-License-Identifier: MIT */
/* Pinned memory of clients: its pages stay where they are, even when their owner is gone. */
#ifndef PLATFORM_PIN_H
#define PLATFORM_PIN_H

#include <stdbool.h>
#include <stdint.h>

#include "purlin/types.h"

#define PIN_SCATTERED (~0ull)

/* A pin of core's (session/dma.h). id 0: none. */
struct pin {
	purlin_u64 id;
	uint64_t physical; /* of its first byte; PIN_SCATTERED: not contiguous */
	uint64_t pages;
	bool writable; /* its owner may write to it, and so may devices */
};

bool pins_start(void);

/* Pin the memory object in the slot, which is taken over in any case. BAD_ARGUMENT: it is no
 * memory, or lacks the right PHYSICAL. */
purlin_s64 pin_take(struct pin *pin, purlin_u64 slot);
/* No device reaches the pages any more: whoever owns them may use them for something else. */
void pin_release(struct pin *pin);

#endif
