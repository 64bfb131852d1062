/* SPDX-License-Identifier: MIT */
/* What the platform component claims from core for its clients. */
#ifndef PLATFORM_RESOURCE_H
#define PLATFORM_RESOURCE_H

#include "acpi.h"
#include "purlin/types.h"

/* Something claimed from core. slot 0: not held. */
struct resource {
	purlin_u64 slot;
	purlin_u64 id;
};

bool resources_start(void);

/* The processors of this component, which can take messages. */
unsigned int resource_processors(void);
/*
 * Claim a message for that processor, or for another of this component's if that one is not among
 * them or has no vector left. `wide`: an APIC id may be above 255; the upper bits are in those of
 * the address.
 */
purlin_s64 resource_claim_msi(struct resource *resource, unsigned int processor, bool wide,
			      purlin_u64 *address, purlin_u64 *data);
#define RESOURCE_APIC_ID(address) \
	((uint32_t)((address) >> 12 & 0xff) | (uint32_t)((address) >> 40) << 8)
/*
 * For the lines of the I/O APIC that begins there: find the APIC id that their messages go to, and
 * whether all processors take ids of 32 bits (IRQ_REMAP_WIDE); make them name entries of an IOMMU,
 * from this entry on (irq_remap).
 */
purlin_s64 resource_line_destination(uint32_t gsi, uint64_t *destination);
purlin_s64 resource_remap_lines(uint32_t gsi, unsigned int entry);
purlin_s64 resource_claim_gsi(struct resource *resource, const struct route *route);
purlin_s64 resource_claim_memory(struct resource *resource, uint64_t address, uint64_t pages);
purlin_s64 resource_claim_ports(struct resource *resource, uint64_t first, uint64_t count);
/* Ordinary zeroed memory. */
purlin_s64 resource_new_ram(struct resource *resource, uint64_t pages);

/* Notify the signal when the interrupt comes. */
purlin_s64 resource_bind(const struct resource *resource, purlin_u64 signal);

/*
 * The signal of the thread that watches interrupts. bind_watcher: an interrupt of the platform's
 * own notifies it; watch: an interrupt of a client notifies it when it comes too fast.
 */
#define RESOURCE_STORM (1ull << 62) /* of its bits: a client's interrupt came too fast */
void resource_watcher_set(purlin_u64 signal);
purlin_s64 resource_bind_watcher(const struct resource *resource, purlin_u64 bits);
void resource_watch(const struct resource *resource, purlin_u64 bits);

/* A soft interrupt; its owner's acks notify the watcher. */
purlin_s64 resource_new_irq(struct resource *resource, purlin_u64 bits);
void resource_release_soft_irq(struct resource *resource);
void resource_raise(const struct resource *resource);
void resource_ack(const struct resource *resource);
/* Delivered, and not acked yet. */
bool resource_unacked(const struct resource *resource);

/* How often the interrupt was delivered, and how often it was held back. */
void resource_irq_counts(const struct resource *resource, uint64_t *delivered, uint64_t *storms);

/* A signal that a client gave: with the bits that its badge lets through. Slot 0: nothing happens.
 */
void resource_notify(purlin_u64 signal);
void resource_forget(purlin_u64 signal);

/* Make a copy with fewer rights, in a fresh slot. */
purlin_s64 resource_copy(const struct resource *resource, purlin_u64 rights, purlin_u64 *slot);

/* Give back: the object is destroyed, wherever it is mapped. Not held: nothing happens. */
void resource_release_irq(struct resource *resource);
void resource_release_memory(struct resource *resource);
void resource_release_ports(struct resource *resource);
void resource_release_ram(struct resource *resource);

#endif
