/* SPDX-License-Identifier: MIT */
/* Registers of a thread while it is in the kernel: the entry code's stack image. */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#define FRAME_SYSCALL 0x100
#define FRAME_SIZE (22 * 8)
#define FRAME_R11 (13 * 8)
#define FRAME_VECTOR (15 * 8)
#define FRAME_RIP (17 * 8)
#define FRAME_CS (18 * 8)
#define FRAME_RFLAGS (19 * 8)
#define FRAME_RSP (20 * 8)
#define FRAME_SS (21 * 8)

#ifndef __ASSEMBLER__
#include "base/types.h"

struct frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, rax;
	uint64_t rdi, rsi, rdx, r10, r8, r9; /* arguments of a call, in their order */
	uint64_t r11, rcx;		     /* mean nothing after a call by a native thread */
	uint64_t vector;		     /* exception or interrupt vector, or FRAME_SYSCALL */
	uint64_t error;
	/* As the processor pushes it (SDM 3A, 6.14.2). */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* The order in which the entry code saves and loads them. */
#define FRAME_ASSERT(register, offset) \
	_Static_assert(offsetof(struct frame, register) == (offset), "entry")

/* clang-format off */
FRAME_ASSERT(r15, 0x00); FRAME_ASSERT(r14, 0x08); FRAME_ASSERT(r13, 0x10); FRAME_ASSERT(r12, 0x18);
FRAME_ASSERT(rbp, 0x20); FRAME_ASSERT(rbx, 0x28); FRAME_ASSERT(rax, 0x30); FRAME_ASSERT(rdi, 0x38);
FRAME_ASSERT(rsi, 0x40); FRAME_ASSERT(rdx, 0x48); FRAME_ASSERT(r10, 0x50); FRAME_ASSERT(r8, 0x58);
FRAME_ASSERT(r9, 0x60); FRAME_ASSERT(r11, FRAME_R11); FRAME_ASSERT(rcx, FRAME_R11 + 8);
FRAME_ASSERT(vector, FRAME_VECTOR); FRAME_ASSERT(error, FRAME_VECTOR + 8);
FRAME_ASSERT(rip, FRAME_RIP); FRAME_ASSERT(cs, FRAME_CS); FRAME_ASSERT(rflags, FRAME_RFLAGS);
FRAME_ASSERT(rsp, FRAME_RSP); FRAME_ASSERT(ss, FRAME_SS);
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "entry");
/* clang-format on */

/* The page tables of a native PD. Those of guests: arch/guest.h. */
struct page_tables {
	struct physical root;
	struct account *account;
	uint64_t cpus; /* processors whose TLBs may hold entries of these */
	uint64_t id;   /* never reused: tells PCID owners apart */
	uint64_t cr3;  /* root, with its PCID where there are such */
};

/* The register state of a thread or vCPU, embedded in struct thread. */
struct arch_thread {
	struct frame frame;	   /* 16-byte aligned end: TSS.RSP0 points to its end */
	uint64_t fs_base, gs_base; /* while not on a processor */
	void *fpu;		   /* XSAVE area, 64-byte aligned, one page */
};
#endif

#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PROTECTION 13
#define VECTOR_PAGE_FAULT 14
#define PAGE_FAULT_PRESENT 0x1 /* error code: not for want of the page (SDM 3A, 4.7) */

/*
 * Flags a program may set: CF PF AF ZF SF DF OF AC ID, and TF NT RF in user mode.
 * Interrupts are always on (IF) in ring 3; IOPL, VM never. Every way in clears NT.
 */
#define RFLAGS_FIXED 0x202
#define MSR_KERNEL_GS_BASE 0xc0000102 /* also entry.S */
#define RFLAGS_IF 0x200
#define RFLAGS_KERNEL_MODE 0x240cd5
#define RFLAGS_USER_MODE 0x254dd5

#define KERNEL_CS 0x10
#define KERNEL_SS 0x18
/*
 * Where SYSRET would look for a 32-bit code segment there is none: nothing below ring 0 can leave
 * 64-bit mode, and CS and SS of ring 3 are always these two.
 */
#define USER32_CS 0x23
#define USER_SS 0x2b
#define USER_CS 0x33
#define TSS_SELECTOR 0x40

#endif
