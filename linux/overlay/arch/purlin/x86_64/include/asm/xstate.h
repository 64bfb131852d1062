/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FPU and extended state. Linux itself never uses these registers, so between
 * two task switches they hold the state of the current user task; it is saved
 * and restored eagerly at every switch that leaves or enters a user task.
 */
#ifndef _ASM_PURLIN_XSTATE_H
#define _ASM_PURLIN_XSTATE_H

#include <linux/types.h>
#include <linux/sched.h>

/* State components that every processor has. */
#define XSTATE_FP	BIT_ULL(0)
#define XSTATE_SSE	BIT_ULL(1)
#define XSTATE_FP_SSE	(XSTATE_FP | XSTATE_SSE)
#define XSTATE_YMM	BIT_ULL(2)

#define MXCSR_DEFAULT	0x1f80

/* Intel SDM volume 1, table 10-2 and 13.4.1. */
struct fxregs_state {
	u16 cwd;
	u16 swd;
	u16 twd;
	u16 fop;
	u64 rip;
	u64 rdp;
	u32 mxcsr;
	u32 mxcsr_mask;
	u32 st_space[32];
	u32 xmm_space[64];
	u32 padding[12];
	u32 sw_reserved[12];
} __aligned(16);

/* Intel SDM volume 1, 13.4.2. */
struct xstate_header {
	u64 xfeatures;
	u64 xcomp_bv;
	u64 reserved[6];
};

struct xregs_state {
	struct fxregs_state i387;
	struct xstate_header header;
	u8 extended[];
} __aligned(64);

/* Enabled components (XCR0), 0 without XSAVE; bytes of the standard format. */
extern u64 xstate_mask;
extern unsigned int xstate_bytes;
extern u32 mxcsr_feature_mask;
extern struct xregs_state *xstate_init;

void xstate_save(void *area);
void xstate_restore(const void *area);
void xstate_switch(struct task_struct *prev, struct task_struct *next);
void xstate_reset(void);
int xstate_alloc(struct task_struct *task);
void xstate_free(struct task_struct *task);
void xstate_clone(struct task_struct *child, bool inherit);

/* Make a component its initial state, in an area of the standard format. */
void xstate_clear_component(struct xregs_state *area, unsigned int component);

/* Signal frames (x86_64/fpu_signal.c). */
unsigned long xstate_frame_bytes(void);
bool xstate_save_frame(void __user *frame);
bool xstate_restore_frame(void __user *frame);

/* si_code for vector 16 or 19 of the current task, 0 if it shows no cause. */
int xstate_exception_code(unsigned int vector);

/* The area of a task that is current or stopped, up to date. */
struct xregs_state *xstate_of(struct task_struct *task);

#endif /* _ASM_PURLIN_XSTATE_H */
