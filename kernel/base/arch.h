/* SPDX-License-Identifier: MIT */
/*
 * What the generic kernel asks of an architecture. Implemented by
 * arch/x86_64 (the machine) and arch/host (a Linux program, for unit tests).
 * All are called with the kernel lock held unless said otherwise.
 */
#ifndef BASE_ARCH_H
#define BASE_ARCH_H

#include "arch/call.h"
#include "base/types.h"

struct account;
struct page_tables;
struct irq;
struct thread;

unsigned int arch_cpu_count(void);

/* Kernel address of physical memory (all RAM is mapped linearly). */
void *arch_physical_to_kernel(struct physical address);
struct physical arch_kernel_to_physical(const void *address);
/* How many of so many pages of RAM, from the first on, are zero; not all, if an interrupt waits. */
uint64_t arch_pages_zero(struct physical first, uint64_t pages);

/* The frequency of arch_time(). */
uint64_t arch_time_hz(void);

/* Interrupt this processor at the given time (arch_time units); ~0: never. */
void arch_timer_arm(uint64_t deadline);

/* Make another processor run its scheduler. */
void arch_reschedule(unsigned int cpu);

/* True when an interrupt waits: long operations stop and restart. */
bool arch_preemption_pending(void);

/*
 * Interrupt lines. The arch part finds the object again at interrupt time and
 * calls irq_interrupt(irq) after having acknowledged the controller (and having masked
 * the line if it is level-triggered).
 */
status arch_irq_gsi_claim(struct irq *irq, uint32_t gsi, uint32_t flags);
void arch_irq_gsi_release(struct irq *irq, uint32_t gsi);
void arch_irq_gsi_mask(uint32_t gsi, bool masked);
/* irq_remap: *destination is told in any case. NO_DEVICE: no controller's lines begin at gsi. */
#define IRQ_REMAP_NOTHING (~0ull)
#define IRQ_REMAP_WIDE (1ull << 32)
status arch_irq_remap(uint32_t gsi, uint64_t entry, uint64_t *destination);
status arch_irq_msi_claim(struct irq *irq, unsigned int cpu, uint64_t *address, uint64_t *data);
void arch_irq_msi_release(struct irq *irq, uint64_t address, uint64_t data);

/* Ports. size is 1, 2 or 4. */
uint32_t arch_port_in(uint16_t port, unsigned int size);
void arch_port_out(uint16_t port, unsigned int size, uint32_t value);
/* True if the range meets ports the kernel itself drives. */
bool arch_port_reserved(uint16_t first, uint32_t count);
/* True if the range meets registers the kernel itself drives (APICs, HPET). */
bool arch_physical_reserved(struct physical base, uint64_t pages);
void arch_system_reset(void);

/*
 * Threads. arch_thread_init prepares the register state of a native thread; arch_call_status and
 * arch_call_result store status and results of a call in the registers (result
 * i is the i-th of `returns` in abi/calls.toml).
 */
/* Allocates FPU state, paid by the thread's account. */
status arch_thread_create(struct thread *thread);
void arch_thread_destroy(struct thread *thread);
/* Take the thread off the processor it may be running on; it is not touched there any more. */
void arch_thread_evict(struct thread *thread);
void arch_thread_init(struct thread *thread, uint64_t rip, uint64_t rsp, uint64_t argument);
/*
 * Inline, in arch/call.h:
 *   unsigned int arch_cpu_id(void): the processor this runs on, 0 .. arch_cpu_count() - 1;
 *   struct thread *arch_current(void): who entered the kernel on this processor; NULL: it idled;
 *   uint64_t arch_time(void): the time stamp counter;
 *   void arch_pause(void): once more round a loop that waits for another processor; no lock;
 *   uint64_t arch_call_number(const struct thread *thread);
 *   const union call_arguments *arch_call_arguments(const struct thread *thread): all six, where
 *     they stay for the thread's life; results may take their place;
 *   void arch_call_status(struct thread *thread, status result);
 *   void arch_call_result(struct thread *thread, unsigned int index, uint64_t value);
 *   uint64_t arch_thread_address(const struct thread *thread): the instruction it goes on at, or
 *     was at when it entered the kernel last;
 *   uint64_t arch_index_limit(uint64_t index, uint64_t size): for indexes into tables that lead to
 *     further memory (Spectre 1);
 *   void arch_call_restart(struct thread *thread): the same call again, with the same
 *     arguments, when the thread runs next.
 */

/*
 * Page tables of native PDs (those of guests: object/arch_guest.h). They are
 * pages charged to the account. Rights are PURLIN_MAP_*; cache bits already resolved
 * (never 0). map: the range was checked to be free, lower half, page-aligned; fails with
 * NO_MEMORY and leaves nothing half-done for the pages of this one call.
 * unmap returns after all processors' TLBs have let go.
 */
status arch_tables_create(struct page_tables *tables, struct account *account);
/* In rounds: CALL_RESTART. */
status arch_tables_destroy(struct page_tables *tables);
status arch_tables_map(struct page_tables *tables, uint64_t virtual_address,
		       struct physical address, uint64_t pages, uint32_t rights);
void arch_tables_unmap(struct page_tables *tables, uint64_t virtual_address, uint64_t pages);
/*
 * Highest virtual address + 1 a native PD may map. One page less than the
 * lower half: SYSCALL at its very end would return to a non-canonical RIP.
 */
#define ARCH_NATIVE_END 0x00007ffffffff000ull

#endif
