/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * x86-64's part of the contract with a guest (purlin/vcpu.h): what changes hands in upcalls and
 * resumes, and the entries of the guest's page tables.
 *
 * Guest kernel mode and guest user mode are both ring 3 with CS 0x33, SS 0x2b. In guest kernel mode
 * SYSCALL is a kernel call (number in RAX, see calls.toml); in guest user mode it goes to
 * entry_syscall.
 *
 * Upcalls. The kernel stores what changes hands in the frame of the state page and enters
 * the guest kernel; every register not named here passes through live:
 *
 *   entry_syscall: rip, rflags, user_gs are those of the process. RSP, FS base and all general
 *     registers but RCX and R11 are live. RCX and R11 hold nothing of use.
 *   entry_event: rip, rflags, vector, error, cr2 (vectors 1 and 14 only) and from_user; user_gs
 *     only when from_user is 1. RSP and all general registers are live: for an upcall from guest
 *     kernel mode RSP is the interrupted kernel stack pointer. For vector 1 cr2 has the bits B0 to
 *     B3 (the vCPU's own watchpoints, vcpu_debug) and BS (a single step) as DR6 has them, and none
 *     for INT1. A watchpoint also stops guest kernel mode where it touches a process's memory.
 *
 * On an upcall from guest user mode GS base becomes the kernel_gs given to
 * vcpu_configure; from guest kernel mode it stays. frame.rflags reports IF as
 * the value of events_enabled before the upcall (always 1 from user mode). An exception taken in
 * guest kernel mode with RIP in [critical_start, critical_end) is a double fault: the component is
 * stopped and reported. A guest that wants alerts has in that range whatever runs while the frame
 * is in use: from both entry points until the frame is copied, and from the first word of a new
 * frame to the resume.
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
 * vector 13 as if the instruction at that RIP had faulted.
 *
 * vcpu_resume_user, vcpu_resume_kernel and upcalls to entry_event end with IRETQ, which serialises
 * (Intel SDM 3A, 8.3): what the vCPU executes next is fetched anew. Other ways out of a call do not
 * promise that. So a vCPU that has handled an event or an alert runs code as it was changed before.
 */
#ifndef PURLIN_ARCH_VCPU_H
#define PURLIN_ARCH_VCPU_H

#include "purlin/types.h"

#define PURLIN_VECTOR_EVENT 32 /* frame.vector: 0..31 are the CPU's exceptions */
#define PURLIN_VECTOR_ALERT 33

/* Offsets of the frame in the state page, for assembly. Asserted in purlin/vcpu.h and below. */
#define PURLIN_VCPU_FRAME 0x08
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
 * The guest's page-table entries, as PURLIN_BATCH_TABLE reads them: 8 bytes as the processor would
 * have them (Intel SDM volume 3, 4.5, table 4-20), with guest-physical addresses. An entry that is
 * PRESENT and ACCESSED maps its page: for writing if WRITE and DIRTY, for
 * execution without NO_EXECUTE. Any other unmaps it. Bits not named here say nothing.
 */
#define PURLIN_ENTRY_PRESENT 0x001
#define PURLIN_ENTRY_WRITE 0x002
#define PURLIN_ENTRY_WRITE_COMBINING 0x008 /* without UNCACHED; RAM stays write-back */
#define PURLIN_ENTRY_UNCACHED 0x010
#define PURLIN_ENTRY_ACCESSED 0x020
#define PURLIN_ENTRY_DIRTY 0x040
#define PURLIN_ENTRY_LARGE 0x080 /* in an entry that PURLIN_BATCH_LARGE reads: a page, no table */
#define PURLIN_ENTRY_NO_EXECUTE 0x8000000000000000
#define PURLIN_ENTRY_RIGHTS                                                          \
	(PURLIN_ENTRY_WRITE | PURLIN_ENTRY_WRITE_COMBINING | PURLIN_ENTRY_UNCACHED | \
	 PURLIN_ENTRY_DIRTY | PURLIN_ENTRY_NO_EXECUTE)

#ifndef __ASSEMBLER__
struct purlin_vcpu_frame {
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
};
#define PURLIN_FRAME_ASSERT(field, offset)                                                        \
	_Static_assert(PURLIN_VCPU_FRAME + __builtin_offsetof(struct purlin_vcpu_frame, field) == \
			       (offset),                                                          \
		       "ABI: frame." #field)
PURLIN_FRAME_ASSERT(rip, PURLIN_VCPU_RIP);
PURLIN_FRAME_ASSERT(rflags, PURLIN_VCPU_RFLAGS);
PURLIN_FRAME_ASSERT(user_gs, PURLIN_VCPU_USER_GS);
PURLIN_FRAME_ASSERT(rax, PURLIN_VCPU_RAX);
PURLIN_FRAME_ASSERT(rcx, PURLIN_VCPU_RCX);
PURLIN_FRAME_ASSERT(r11, PURLIN_VCPU_R11);
PURLIN_FRAME_ASSERT(vector, PURLIN_VCPU_VECTOR);
PURLIN_FRAME_ASSERT(from_user, PURLIN_VCPU_FROM_USER);
PURLIN_FRAME_ASSERT(error, PURLIN_VCPU_ERROR);
PURLIN_FRAME_ASSERT(cr2, PURLIN_VCPU_CR2);
#endif

#endif
