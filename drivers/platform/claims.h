/* SPDX-License-Identifier: MIT */
/* What the platform component claims from core to hand it on. */
#ifndef PLATFORM_CLAIMS_H
#define PLATFORM_CLAIMS_H

#include "acpi.h"
#include "purlin/types.h"

/* Something claimed from core. slot 0: not held. */
struct claim {
	purlin_u64 slot;
	purlin_u64 id;
};

bool claims_start(void);

/* A message that the processor takes; NO_RIGHT: it may not take ours. */
purlin_s64 claim_msi(struct claim *claim, unsigned int processor, purlin_u64 *address,
		     purlin_u64 *data);
purlin_s64 claim_gsi(struct claim *claim, const struct route *route);
purlin_s64 claim_memory(struct claim *claim, uint64_t address, uint64_t pages);
purlin_s64 claim_ports(struct claim *claim, uint64_t first, uint64_t count);
/* Ordinary zeroed memory. */
purlin_s64 claim_ram(struct claim *claim, uint64_t pages);

/* A copy with fewer rights in a fresh slot. */
purlin_s64 claim_copy(const struct claim *claim, purlin_u64 rights, purlin_u64 *slot);

/* Give back: the object is destroyed, wherever it is mapped. Not held: nothing happens. */
void claim_release_irq(struct claim *claim);
void claim_release_memory(struct claim *claim);
void claim_release_ports(struct claim *claim);
void claim_release_ram(struct claim *claim);

#endif
