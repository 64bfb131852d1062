// SPDX-License-Identifier: GPL-2.0
/* The FPU part of a signal frame, in the format of x86-64 Linux. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <uapi/asm/sigcontext.h>
#include <asm/asm.h>
#include <asm/xstate.h>

#define XSTATE_OPERANDS(area, mask)					\
	"D" (area), "a" ((u32)(mask)), "d" ((u32)((mask) >> 32))

/*
 * As Linux does not use the registers, a page fault in these instructions may
 * sleep and switch tasks like any other; they start again afterwards.
 */
#define XSTATE_USER(instruction, area, mask)				\
	({								\
		int _error = 0;						\
		asm volatile("1: " instruction " (%%rdi)\n"		\
			     "2:\n"					\
			     _ASM_EXTABLE_TYPE_REG(1b, 2b,		\
						   EX_TYPE_EFAULT_REG,	\
						   %[error])		\
			     : [error] "+r" (_error)			\
			     : XSTATE_OPERANDS(area, (u64)(mask))	\
			     : "memory");				\
		_error;							\
	})

unsigned long xstate_frame_bytes(void)
{
	return xstate_bytes + (xstate_mask ? FP_XSTATE_MAGIC2_SIZE : 0);
}

static bool write_software_bytes(struct xregs_state __user *frame)
{
	struct _fpx_sw_bytes software = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = xstate_frame_bytes(),
		.xfeatures = xstate_mask,
		.xstate_size = xstate_bytes,
	};
	u32 magic = FP_XSTATE_MAGIC2;
	u64 present;

	if (__copy_to_user(&frame->i387.sw_reserved, &software,
			   sizeof(software)))
		return false;
	if (__copy_to_user((void __user *)frame + xstate_bytes, &magic, sizeof(magic)))
		return false;
	/*
	 * Programs that do not know the header change x87 and SSE state in
	 * place: sigreturn has to take it whatever XSAVE said.
	 */
	return !__get_user(present, &frame->header.xfeatures) &&
	       !__put_user(present | XSTATE_FP_SSE, &frame->header.xfeatures);
}

bool xstate_save_frame(void __user *user)
{
	struct xregs_state __user *frame = user;

	if (!access_ok(frame, xstate_frame_bytes()))
		return false;
	if (!xstate_mask)
		return !XSTATE_USER("fxsave64", frame, 0);

	/* XSAVE leaves the reserved parts of the header as they are. */
	if (__clear_user(&frame->header, sizeof(frame->header)))
		return false;
	if (XSTATE_USER("xsave64", frame, xstate_mask))
		return false;
	return write_software_bytes(frame);
}

/* Which components does the frame hold? 0: x87 and SSE without a header. */
static bool frame_components(struct xregs_state __user *frame, u64 *mask)
{
	struct _fpx_sw_bytes software;
	u32 magic2;

	*mask = 0;
	if (__copy_from_user(&software, &frame->i387.sw_reserved,
			     sizeof(software)))
		return false;
	if (software.magic1 != FP_XSTATE_MAGIC1 ||
	    software.xstate_size < sizeof(struct xregs_state) ||
	    software.xstate_size > xstate_bytes ||
	    software.xstate_size > software.extended_size)
		return true;
	if (__get_user(magic2, (u32 __user *)((void __user *)frame +
					      software.xstate_size)))
		return false;
	if (magic2 == FP_XSTATE_MAGIC2)
		*mask = software.xfeatures & xstate_mask;
	return true;
}

/* Components the frame lacks go back to their initial state. */
static void reset_components(u64 mask)
{
	if (mask)
		asm volatile("xrstor64 (%%rdi)"
			     : : XSTATE_OPERANDS(xstate_init, mask) : "memory");
}

static bool restore(struct xregs_state __user *frame)
{
	u64 mask;

	if (!access_ok(frame, xstate_frame_bytes()))
		return false;
	if (!xstate_mask)
		return !XSTATE_USER("fxrstor64", frame, 0);
	if (!frame_components(frame, &mask))
		return false;
	if (mask) {
		if (XSTATE_USER("xrstor64", frame, mask))
			return false;
		reset_components(xstate_mask & ~mask);
		return true;
	}
	if (XSTATE_USER("fxrstor64", frame, 0))
		return false;
	reset_components(xstate_mask & ~XSTATE_FP_SSE);
	return true;
}

bool xstate_restore_frame(void __user *user)
{
	bool ok = !user || restore(user);

	if (!ok || !user)
		xstate_reset();
	return ok;
}
