// SPDX-License-Identifier: GPL-2.0
/* FPU and extended state: sizes, save and restore, life with a task. */
#include <linux/elf.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/asm.h>
#include <asm/trapnr.h>
#include <asm/xstate.h>

u64 xstate_mask __ro_after_init;
unsigned int xstate_bytes __ro_after_init = sizeof(struct fxregs_state);
u32 mxcsr_feature_mask __ro_after_init = 0xffbf;
struct xregs_state *xstate_init __ro_after_init;
u32 elf_hwcap __ro_after_init;

static bool xstate_optimised __ro_after_init;
static struct kmem_cache *xstate_cache __ro_after_init;

#define CPUID_1_ECX_OSXSAVE	BIT(27)
#define CPUID_D_1_EAX_XSAVEOPT	BIT(0)

struct cpuid_result {
	u32 eax, ebx, ecx, edx;
};

static struct cpuid_result read_cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_result r;

	asm volatile("cpuid"
		     : "=a" (r.eax), "=b" (r.ebx), "=c" (r.ecx), "=d" (r.edx)
		     : "0" (leaf), "2" (subleaf));
	return r;
}

static u64 read_xcr0(void)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return low | (u64)high << 32;
}

#define XSTATE_OPERANDS(area)						\
	"D" (area), "a" ((u32)xstate_mask), "d" ((u32)(xstate_mask >> 32))

/*
 * XSAVEOPT leaves out components in their initial state; their bits in the
 * header are clear then and the area's bytes of no meaning.
 */
void xstate_save(void *area)
{
	if (likely(xstate_optimised))
		asm volatile("xsaveopt64 (%%rdi)"
			     : : XSTATE_OPERANDS(area) : "memory");
	else if (xstate_mask)
		asm volatile("xsave64 (%%rdi)"
			     : : XSTATE_OPERANDS(area) : "memory");
	else
		asm volatile("fxsave64 (%%rdi)" : : "D" (area) : "memory");
}

void xstate_restore(const void *area)
{
	if (likely(xstate_mask))
		asm volatile("xrstor64 (%%rdi)"
			     : : XSTATE_OPERANDS(area) : "memory");
	else
		asm volatile("fxrstor64 (%%rdi)" : : "D" (area) : "memory");
}

void xstate_switch(struct task_struct *prev, struct task_struct *next)
{
	if (!(prev->flags & PF_KTHREAD))
		xstate_save(prev->thread.fpu);
	if (!(next->flags & PF_KTHREAD))
		xstate_restore(next->thread.fpu);
}

/* The current task begins anew: exec, signal handler, broken signal frame. */
void xstate_reset(void)
{
	xstate_restore(xstate_init);
}

struct xregs_state *xstate_of(struct task_struct *task)
{
	if (task == current)
		xstate_save(task->thread.fpu);
	return task->thread.fpu;
}

void xstate_clear_component(struct xregs_state *area, unsigned int component)
{
	struct cpuid_result r = read_cpuid(0xd, component);

	/* EBX is its offset, EAX its size. */
	if (r.eax && r.ebx + r.eax <= xstate_bytes)
		memset((u8 *)area + r.ebx, 0, r.eax);
}

/* Unmasked exceptions that the status shows, as bits of SWD or MXCSR. */
static unsigned int exceptions_of(const struct fxregs_state *state,
				  unsigned int vector)
{
	if (vector == X86_TRAP_MF)
		return state->swd & ~state->cwd;
	return state->mxcsr & ~(state->mxcsr >> 7);
}

int xstate_exception_code(unsigned int vector)
{
	struct xregs_state *state = xstate_of(current);
	unsigned int bits = exceptions_of(&state->i387, vector);

	if (bits & 0x01) /* invalid operation, stack */
		return FPE_FLTINV;
	if (bits & 0x04)
		return FPE_FLTDIV;
	if (bits & 0x08)
		return FPE_FLTOVF;
	if (bits & 0x12) /* denormal, underflow */
		return FPE_FLTUND;
	if (bits & 0x20) /* inexact */
		return FPE_FLTRES;
	return 0;
}

int xstate_alloc(struct task_struct *task)
{
	task->thread.fpu = kmem_cache_zalloc(xstate_cache, GFP_KERNEL);
	return task->thread.fpu ? 0 : -ENOMEM;
}

void xstate_free(struct task_struct *task)
{
	kmem_cache_free(xstate_cache, task->thread.fpu);
	task->thread.fpu = NULL;
}

void xstate_clone(struct task_struct *child, bool inherit)
{
	if (inherit)
		xstate_save(child->thread.fpu);
	else
		memcpy(child->thread.fpu, xstate_init, xstate_bytes);
}

static void __init detect(void)
{
	struct cpuid_result features = read_cpuid(1, 0);

	elf_hwcap = features.edx;
	if (!(features.ecx & CPUID_1_ECX_OSXSAVE))
		return;
	xstate_mask = read_xcr0();
	xstate_bytes = read_cpuid(0xd, 0).ebx;
	xstate_optimised = read_cpuid(0xd, 1).eax & CPUID_D_1_EAX_XSAVEOPT;
}

static void __init make_initial_state(void)
{
	static struct fxregs_state legacy __initdata;

	asm volatile("fxsave64 %0" : "=m" (legacy));
	if (legacy.mxcsr_mask)
		mxcsr_feature_mask = legacy.mxcsr_mask;

	xstate_init = kmem_cache_zalloc(xstate_cache, GFP_KERNEL | __GFP_NOFAIL);
	xstate_init->i387.cwd = 0x37f;
	xstate_init->i387.mxcsr = MXCSR_DEFAULT;
	xstate_init->i387.mxcsr_mask = mxcsr_feature_mask;
}

/* Called before the first task is made. */
void __init arch_task_cache_init(void)
{
	detect();
	xstate_cache = kmem_cache_create_usercopy("xstate", xstate_bytes, 64,
						  SLAB_PANIC | SLAB_ACCOUNT, 0,
						  xstate_bytes, NULL);
	make_initial_state();
	xstate_reset();
	pr_info("FPU: state components %#llx, %u bytes\n", xstate_mask,
		xstate_bytes);
}
