/* SPDX-License-Identifier: MIT */
/* What the platform claims from core and the kernel, for host tests; events are noted in order. */
#ifndef TESTS_PLATFORM_FAKE_CORE_H
#define TESTS_PLATFORM_FAKE_CORE_H

#include <stdint.h>

#include "drivers/platform/acpi.h"
#include "purlin/boot.h"
#include "purlin/types.h"

/* The MSI-X table that hardware_map gives. */
extern uint32_t fake_msix_table[0x8000 / 4];

/* Where it was mapped last; 0: nowhere. */
extern uint64_t fake_mapped;

/* That take messages. */
extern unsigned int fake_processors;

/* What hardware_memory says. */
extern struct purlin_memory_range fake_memory[2];
extern unsigned int fake_memory_ranges;

/* What core answers to every claim, if it is no success. */
extern purlin_s64 fake_refusal;

/* Of memory that is pinned. */
extern uint64_t fake_pin_pages;

/* All functions are routed here. */
extern struct route fake_route;

/* Letters: G line claimed, M message, g either released; I I/O memory, i; P ports, p; R RAM, r; S
 * soft interrupt, s; A pinned, a; N a client's signal notified, n forgotten; O a claim mapped, o; 0
 * to 9 lines remapped. */
extern char fake_events[256];
extern char fake_log[4096];

/* Called whenever time passes. */
extern void (*fake_on_sleep)(void);

/* Called at each event: what is the hardware's state then? */
extern void (*fake_on_event)(char event);

/* Soft interrupts and lines: how often each slot was raised or acked, and those that wait for an
 * ack.
 */
#define FAKE_SLOTS 4096
extern unsigned int fake_raised[FAKE_SLOTS], fake_acked[FAKE_SLOTS];
extern bool fake_unacked[FAKE_SLOTS];
/* How often each was held back. */
extern uint64_t fake_storms[FAKE_SLOTS];
/* hardware_time_ns */
extern uint64_t fake_now;

/* The processor that takes messages, and whether all compare 32 bits of an id. */
extern uint32_t fake_apic_id;
extern bool fake_wide;

void fake_core_clear(void);

#endif
