// SPDX-License-Identifier: GPL-2.0
/* FPU state for debuggers and core dumps, in the format of x86-64 Linux. */
#include <linux/regset.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/fpu_regset.h>
#include <asm/user.h>
#include <asm/xstate.h>

/* Bytes before MXCSR and its mask are x87's, between them and XMM, too. */
static void clear_legacy(struct fxregs_state *state, u64 missing)
{
	if (missing & XSTATE_FP) {
		memset(state, 0, offsetof(struct fxregs_state, mxcsr));
		state->cwd = 0x37f;
		memset(state->st_space, 0, sizeof(state->st_space));
	}
	if (missing & XSTATE_SSE)
		memset(state->xmm_space, 0, sizeof(state->xmm_space));
}

/*
 * What a clear bit in the header stands for, spelled out: a debugger sees
 * values, not old bytes.
 */
static struct xregs_state *spelled_out(struct task_struct *task)
{
	struct xregs_state *state = xstate_of(task);
	u64 missing = xstate_mask & ~state->header.xfeatures;
	unsigned int i;

	clear_legacy(&state->i387, missing);
	for (i = 2; i < 63; i++) {
		if (missing & BIT_ULL(i))
			xstate_clear_component(state, i);
	}
	return state;
}

int fpregs_active(struct task_struct *target, const struct user_regset *regset)
{
	return regset->n;
}

int fpregs_get(struct task_struct *target, const struct user_regset *regset,
	       struct membuf to)
{
	return membuf_write(&to, &spelled_out(target)->i387,
			    sizeof(struct fxregs_state));
}

int fpregs_set(struct task_struct *target, const struct user_regset *regset,
	       unsigned int pos, unsigned int count, const void *kbuf,
	       const void __user *ubuf)
{
	struct xregs_state *state = target->thread.fpu;
	struct fxregs_state new;
	int ret;

	if (pos != 0 || count != sizeof(new))
		return -EINVAL;
	ret = user_regset_copyin(&pos, &count, &kbuf, &ubuf, &new, 0, -1);
	if (ret)
		return ret;
	if (new.mxcsr & ~mxcsr_feature_mask)
		return -EINVAL;

	memcpy(&state->i387, &new, sizeof(new));
	if (xstate_mask)
		state->header.xfeatures |= XSTATE_FP_SSE;
	return 0;
}

int xstateregs_active(struct task_struct *target,
		      const struct user_regset *regset)
{
	return xstate_mask ? xstate_bytes / regset->size : 0;
}

int xstateregs_get(struct task_struct *target,
		   const struct user_regset *regset, struct membuf to)
{
	const u64 software[USER_XSTATE_FX_SW_WORDS] = {
		[USER_XSTATE_XCR0_WORD] = xstate_mask,
	};
	struct xregs_state *state;

	if (!xstate_mask)
		return -ENODEV;
	state = spelled_out(target);
	membuf_write(&to, &state->i387,
		     offsetof(struct fxregs_state, sw_reserved));
	membuf_write(&to, software, sizeof(software));
	return membuf_write(&to, &state->header,
			    xstate_bytes - sizeof(struct fxregs_state));
}

static bool valid_state(struct xregs_state *state)
{
	const struct xstate_header *header = &state->header;

	if ((header->xfeatures & ~xstate_mask) || header->xcomp_bv ||
	    memchr_inv(header->reserved, 0, sizeof(header->reserved)))
		return false;
	/* XRSTOR loads MXCSR whatever the header says. */
	if (!(header->xfeatures & (XSTATE_SSE | XSTATE_YMM)))
		state->i387.mxcsr = MXCSR_DEFAULT;
	return !(state->i387.mxcsr & ~mxcsr_feature_mask);
}

int xstateregs_set(struct task_struct *target,
		   const struct user_regset *regset, unsigned int pos,
		   unsigned int count, const void *kbuf,
		   const void __user *ubuf)
{
	struct xregs_state *new;
	int ret = 0;

	if (!xstate_mask)
		return -ENODEV;
	if (pos != 0 || count != xstate_bytes)
		return -EFAULT;

	new = kvmalloc(count, GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	if (kbuf)
		memcpy(new, kbuf, count);
	else if (copy_from_user(new, ubuf, count))
		ret = -EFAULT;
	if (!ret && !valid_state(new))
		ret = -EINVAL;
	if (!ret)
		memcpy(target->thread.fpu, new, count);
	kvfree(new);
	return ret;
}
