/* SPDX-License-Identifier: MIT */
/* What the platform claims from core and the kernel, for host tests; events are noted in order. */
#ifndef TESTS_PLATFORM_FAKE_CORE_H
#define TESTS_PLATFORM_FAKE_CORE_H

#include <stdint.h>

#include "drivers/platform/acpi.h"

/* The MSI-X table that hardware_map gives. */
extern uint32_t fake_msix_table[0x4000 / 4];

/* Where it was mapped last; 0: nowhere. */
extern uint64_t fake_mapped;

/* Of memory that is pinned. */
extern uint64_t fake_pin_pages;

/* All functions are routed here. */
extern struct route fake_route;

/* Letters: G line claimed, M message, g either released; I I/O memory, i; P ports, p; R RAM, r; A
 * pinned, a; N a client's signal notified, n forgotten; 0 to 9 lines
 * remapped. */
extern char fake_events[256];
extern char fake_log[4096];

/* Called whenever time passes. */
extern void (*fake_on_sleep)(void);

/* Called at each event: what is the hardware's state then? */
extern void (*fake_on_event)(char event);

void fake_core_clear(void);

#endif
