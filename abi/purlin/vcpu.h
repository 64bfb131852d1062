/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The contract between the kernel and a guest (a Linux kernel in ring 3).
 *
 * A guest PD has guest-physical memory (guest_attach), a kernel half shared
 * by all its spaces (virtual addresses from PURLIN_GUEST_KERNEL_BASE up,
 * seen only by the guest kernel), and spaces, each with a lower half of its
 * own, for the guest's processes. A vCPU runs in one of two modes:
 *
 *   guest kernel mode: both halves mapped, lower half never executable;
 *     SYSCALL is a kernel call (number in RAX, see calls.toml);
 *   guest user mode: only the lower half; SYSCALL goes to entry_syscall and
 *     every exception and event to entry_event.
 *
 * Both are ring 3 with CS 0x33, SS 0x2b.
 *
 * Upcalls. The kernel stores what changes hands in the state page and enters
 * the guest kernel; every register not named here passes through live:
 *
 *   entry_syscall: frame.rip, frame.rflags, frame.user_gs are those of the
 *     process. RSP, FS base and all general registers but RCX and R11 are
 *     live. RCX and R11 hold nothing of use.
 *   entry_event: frame.rip, frame.rflags, frame.vector, frame.error,
 *     frame.cr2 (vector 14 only) and frame.from_user; user_gs only when
 *     from_user is 1. RSP and all general registers are live: for an upcall
 *     from guest kernel mode RSP is the interrupted kernel stack pointer.
 *
 * On an upcall from guest user mode GS base becomes the kernel_gs given to
 * vcpu_configure; from guest kernel mode it stays. frame.rflags reports IF as
 * the value of events_enabled before the upcall (always 1 from user mode),
 * then events_enabled is 0. The guest copies the frame before it can cause
 * another upcall. An exception taken in guest kernel mode with RIP in
 * [critical_start, critical_end) is a double fault: the component is stopped
 * and reported.
 *
 * Resumes. The guest puts rip, rflags, rax (and for the two full ones rcx and
 * r11) into frame, sets RSP, GS base (WRGSBASE) and all other registers to
 * their final values, and makes one of
 *
 *   vcpu_resume_syscall: to guest user mode; RCX and R11 return as RIP and
 *     RFLAGS (as SYSRET does);
 *   vcpu_resume_user: to guest user mode, RCX and R11 from the frame;
 *   vcpu_resume_kernel: to guest kernel mode, RCX and R11 from the frame;
 *     events_enabled becomes the IF bit of frame.rflags.
 *
 * with RAX = the call's number; the kernel loads RAX from frame.rax. The
 * kernel sanitises RFLAGS (only CF PF AF ZF SF TF DF OF RF AC ID pass; TF only
 * to user mode) and RIP: a resume to user mode with a RIP outside the lower
 * half, or to kernel mode with a non-canonical one, enters entry_event with
 * vector 13 as if the instruction at that RIP had faulted. If an event is
 * pending and may be taken, the upcall comes at once with the frame just given.
 * A resume first applies the batch.
 *
 * Events. Bits of signals bound to the vCPU (signal_bind_vcpu names the word)
 * and the timer (word 0, bit 0) are or-ed into pending[], then bits of
 * pending_words, then events_pending is set to 1 (each with a locked or release
 * store). Vector PURLIN_VECTOR_EVENT comes when events_pending is 1 and the
 * vCPU is in user mode or has events_enabled 1. The guest clears
 * events_pending, exchanges pending_words and the pending[] words named there
 * with 0, in that order, and handles what it got. local_irq_enable is: set
 * events_enabled, then if events_pending is set handle events oneself.
 */
#ifndef PURLIN_VCPU_H
#define PURLIN_VCPU_H

#include "message.h"
#include "types.h"

/*
 * The last page of the lower half belongs to nobody: an instruction at its very end would have a
 * RIP behind it that is not canonical.
 */
#define PURLIN_GUEST_USER_END 0x00007ffffffff000
#define PURLIN_GUEST_KERNEL_BASE 0xffff880000000000 /* PML4 slot 272 */
/* 0xffff800000000000 .. 0xffff87ffffffffff is the kernel's own. */

#define PURLIN_VECTOR_EVENT 32 /* frame.vector: 0..31 are the CPU's exceptions */
#define PURLIN_EVENT_WORDS 4
#define PURLIN_EVENT_TIMER 0 /* word 0, bit 0 */

/* Offsets of the state page, for assembly. Asserted below. */
#define PURLIN_VCPU_EVENTS_ENABLED 0x00
#define PURLIN_VCPU_EVENTS_PENDING 0x01
#define PURLIN_VCPU_BATCH_COUNT 0x04
#define PURLIN_VCPU_RIP 0x08
#define PURLIN_VCPU_RFLAGS 0x10
#define PURLIN_VCPU_USER_GS 0x18
#define PURLIN_VCPU_RAX 0x20
#define PURLIN_VCPU_RCX 0x28
#define PURLIN_VCPU_R11 0x30
#define PURLIN_VCPU_VECTOR 0x38
#define PURLIN_VCPU_FROM_USER 0x3c
#define PURLIN_VCPU_ERROR 0x40
#define PURLIN_VCPU_CR2 0x48

/*
 * Batch entries: changes of mappings, noted by the guest and applied in order
 * by vcpu_apply and by every resume. Word 0: virtual page address in bits
 * 63..12, number of pages less one in bits 11..4 (MAP and TABLE only), operation in
 * bits 3..0. Word 1 depends on the operation.
 *
 * A range that crosses from one half into another, a guest-physical page not
 * attached, a right the attachment lacks, an unknown operation: the batch stops
 * there and the component is stopped with a report (a guest kernel that hands
 * over nonsense is broken). Kernel-half addresses need no space. Running out
 * of the account while mapping drops mappings of this guest's spaces instead:
 * the kernel may drop any lower-half mapping at any time. When nothing is left
 * to drop and the entry still does not fit, the component is stopped.
 */
#define PURLIN_BATCH_SPACE 1	     /* word 1: slot of the space the next entries speak of */
#define PURLIN_BATCH_MAP 2	     /* word 1: guest-physical address | PURLIN_MAP_* */
#define PURLIN_BATCH_UNMAP 3	     /* word 1: number of pages */
#define PURLIN_BATCH_WRITE_PROTECT 4 /* word 1: number of pages; rights to write are taken away */
#define PURLIN_BATCH_TABLE 5	     /* word 1: guest-physical address of the first entry */
#define PURLIN_BATCH_ENTRIES 256

/*
 * TABLE: follow the guest's own page table. `pages` entries of 8 bytes in one page of
 * attached memory, as the processor would have them (Intel SDM volume 3, 4.5, table 4-20),
 * with guest-physical addresses. They are read when the batch is applied. An entry that is
 * PRESENT and ACCESSED maps its page: for writing if WRITE and DIRTY, for
 * execution without NO_EXECUTE. Any other unmaps it. Bits not named here say nothing.
 */
#define PURLIN_ENTRY_PRESENT 0x001
#define PURLIN_ENTRY_WRITE 0x002
#define PURLIN_ENTRY_WRITE_COMBINING 0x008 /* without UNCACHED; RAM stays write-back */
#define PURLIN_ENTRY_UNCACHED 0x010
#define PURLIN_ENTRY_ACCESSED 0x020
#define PURLIN_ENTRY_DIRTY 0x040
#define PURLIN_ENTRY_NO_EXECUTE 0x8000000000000000
#define PURLIN_ENTRY_RIGHTS                                                          \
	(PURLIN_ENTRY_WRITE | PURLIN_ENTRY_WRITE_COMBINING | PURLIN_ENTRY_UNCACHED | \
	 PURLIN_ENTRY_DIRTY | PURLIN_ENTRY_NO_EXECUTE)

#ifndef __ASSEMBLER__
struct purlin_batch_entry {
	purlin_u64 word0;
	purlin_u64 word1;
};

/*
 * One for each vCPU: two pages of the guest's own memory, physically
 * contiguous, page-aligned, registered with vcpu_configure. The kernel
 * trusts nothing in it. Written by the guest only: events_enabled (kernel,
 * too, on upcall and resume), batch*, deadline, critical_*. Written by the
 * kernel: pending*, frame on upcalls.
 */
struct purlin_vcpu_state {
	purlin_u8 events_enabled;
	purlin_u8 events_pending;
	purlin_u16 reserved0;
	/* Number of valid entries of batch[]; the kernel sets it to 0. At the
	 * start of each batch the space is the vCPU's current one. */
	purlin_u32 batch_count;
	struct {
		purlin_u64 rip;
		purlin_u64 rflags;
		purlin_u64 user_gs;
		purlin_u64 rax;
		purlin_u64 rcx;
		purlin_u64 r11;
		purlin_u32 vector;
		purlin_u32 from_user;
		purlin_u64 error;
		purlin_u64 cr2;
	} frame;
	purlin_u64 pending_words;
	purlin_u64 pending[PURLIN_EVENT_WORDS];
	/* TSC value at which the timer event is due; ~0 for never. After
	 * writing an earlier one than `armed`, call vcpu_deadline. */
	purlin_u64 deadline;
	/* Written by the kernel: it looks at `deadline` then. Only by vcpu_deadline and
	 * when the event is raised, so the guest starts it with ~0. */
	purlin_u64 armed;
	purlin_u64 critical_start;
	purlin_u64 critical_end;
	purlin_u8 reserved1[0x200 - 0x98];
	struct purlin_message message;
	purlin_u8 reserved2[0x1000 - 0x400];
	struct purlin_batch_entry batch[PURLIN_BATCH_ENTRIES];
};
#define PURLIN_VCPU_ASSERT(field, offset)                                               \
	_Static_assert(__builtin_offsetof(struct purlin_vcpu_state, field) == (offset), \
		       "ABI: " #field)
PURLIN_VCPU_ASSERT(events_enabled, PURLIN_VCPU_EVENTS_ENABLED);
PURLIN_VCPU_ASSERT(events_pending, PURLIN_VCPU_EVENTS_PENDING);
PURLIN_VCPU_ASSERT(batch_count, PURLIN_VCPU_BATCH_COUNT);
PURLIN_VCPU_ASSERT(frame.rip, PURLIN_VCPU_RIP);
PURLIN_VCPU_ASSERT(frame.rflags, PURLIN_VCPU_RFLAGS);
PURLIN_VCPU_ASSERT(frame.user_gs, PURLIN_VCPU_USER_GS);
PURLIN_VCPU_ASSERT(frame.rax, PURLIN_VCPU_RAX);
PURLIN_VCPU_ASSERT(frame.rcx, PURLIN_VCPU_RCX);
PURLIN_VCPU_ASSERT(frame.r11, PURLIN_VCPU_R11);
PURLIN_VCPU_ASSERT(frame.vector, PURLIN_VCPU_VECTOR);
PURLIN_VCPU_ASSERT(frame.from_user, PURLIN_VCPU_FROM_USER);
PURLIN_VCPU_ASSERT(frame.error, PURLIN_VCPU_ERROR);
PURLIN_VCPU_ASSERT(frame.cr2, PURLIN_VCPU_CR2);
PURLIN_VCPU_ASSERT(message, 0x200);
PURLIN_VCPU_ASSERT(batch, 0x1000);
_Static_assert(sizeof(struct purlin_vcpu_state) == 0x2000, "ABI: state pages");
#endif

#endif
