/* SPDX-License-Identifier: MIT */
/* Clients of core's sessions: ROM, IO_MEM, IO_PORT, IRQ, RAM, Timer. See session/NAME.h. */
#ifndef RUNTIME_RESOURCES_H
#define RUNTIME_RESOURCES_H

#include "purlin/types.h"
#include "runtime/arch/processor.h" /* tsc_now */

purlin_s64 rom_module(purlin_u64 session, const char *name, purlin_u64 *memory, purlin_u64 *bytes);
/* Open, fetch and map a module; the session stays open. */
purlin_s64 rom_map(const char *name, const void **data, purlin_u64 *bytes);

purlin_s64 ram_allocate(purlin_u64 session, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory,
			purlin_u64 *id);
purlin_s64 ram_free(purlin_u64 session, purlin_u64 id);
purlin_s64 ram_info(purlin_u64 session, purlin_u64 *quota, purlin_u64 *used);

purlin_s64 io_mem_claim(purlin_u64 session, purlin_u64 address, purlin_u64 pages, purlin_u64 cache,
			purlin_u64 *memory, purlin_u64 *id);
purlin_s64 io_mem_release(purlin_u64 session, purlin_u64 id);

purlin_s64 io_port_claim(purlin_u64 session, purlin_u64 first, purlin_u64 count, purlin_u64 *ports,
			 purlin_u64 *id);
purlin_s64 io_port_release(purlin_u64 session, purlin_u64 id);

purlin_s64 irq_claim(purlin_u64 session, purlin_u64 gsi, purlin_u64 flags, purlin_u64 *irq,
		     purlin_u64 *id);
purlin_s64 irq_claim_msi(purlin_u64 session, purlin_u64 cpu, purlin_u64 *irq, purlin_u64 *address,
			 purlin_u64 *data, purlin_u64 *id);
/* Lines of an I/O APIC name entries of an IOMMU (session/irq.h). */
purlin_s64 irq_remap(purlin_u64 session, purlin_u64 gsi, purlin_u64 entry, purlin_u64 *destination);
purlin_s64 irq_release(purlin_u64 session, purlin_u64 id);

purlin_s64 timer_info(purlin_u64 session, purlin_u64 *tsc_hz, purlin_u64 *now);
/* Starts the session with `signal`; alarms set `bits` of it. */
purlin_s64 timer_start(purlin_u64 session, purlin_u64 signal, purlin_u64 bits);
purlin_s64 timer_alarm(purlin_u64 session, purlin_u64 tsc);

#endif
