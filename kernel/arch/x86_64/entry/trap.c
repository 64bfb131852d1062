/* SPDX-License-Identifier: MIT */
/* What the entries hand to C: calls, exceptions and interrupts. */
#include "arch/trap.h"

#include "arch/checks.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "arch/vcpu.h"
#include "core/call.h"
#include "base/lock.h"
#include "debug/console.h"
#include "debug/log.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/thread.h"

#define VECTOR_DEBUG 1
#define VECTOR_NMI 2
#define EXCEPTIONS 32

/* The resumes of a vCPU that need more than entry.S does are no calls of the table. */
static __attribute__((noinline)) void call_of_vcpu(struct thread *thread)
{
	if (!vcpu_call(thread_vcpu(thread)))
		call_dispatch(thread);
}

void trap_call(void)
{
	struct thread *thread = cpu_current();

	count(CALLS);
	/* Destroyed while this processor waited for the lock. */
	if (!thread)
		return;
	if (thread->object.type == PURLIN_TYPE_VCPU)
		call_of_vcpu(thread);
	else
		call_dispatch(thread);
}

void trap_syscall(void)
{
	checks_enter_call();
	kernel_lock();
	trap_call();
}

/* A missing page of memory that its owner has destroyed, but the thread's PD keeps mapped. */
static bool refilled(struct thread *thread, const struct frame *frame, uint64_t address)
{
	return frame->vector == VECTOR_PAGE_FAULT && !(frame->error & PAGE_FAULT_PRESENT) &&
	       thread->state == THREAD_READY && region_refill(thread->pd, address);
}

static void exception(struct thread *thread, uint64_t debug_status)
{
	const struct frame *frame = &thread->arch.frame;
	uint64_t cr2 = frame->vector == VECTOR_PAGE_FAULT ? cr2_read() : debug_status;

	count(EXCEPTIONS);
	/* A guest's kernel handles its own faults; a native PD ends with the first. */
	if (thread->object.type == PURLIN_TYPE_VCPU)
		vcpu_exception(thread_vcpu(thread), cr2);
	else if (!refilled(thread, frame, cr2))
		thread_fault(thread, (unsigned int)frame->vector, frame->error, frame->rip, cr2);
}

void trap_user(void)
{
	struct thread *thread = cpu_current();
	/* The frame is this thread's even if it is destroyed meanwhile: its vector is read before
	 * the lock. */
	uint64_t vector = thread->arch.frame.vector;
	uint64_t debug_status = vector == VECTOR_DEBUG ? watches_take() : 0;

	checks_enter(vector);
	kernel_lock();
	if (vector >= EXCEPTIONS) {
		count(INTERRUPTS);
		interrupt_dispatch((unsigned int)vector);
		return;
	}
	thread = cpu_current();
	if (thread)
		exception(thread, debug_status);
}

/* What the kernel was about to return to is at fault, and ends; somebody else goes on. */
void trap_return_refused(void)
{
	struct thread *thread;

	checks_enter(VECTOR_PROTECTION);
	kernel_lock();
	thread = cpu_this()->current;
	if (thread)
		pd_stop(thread->pd, PURLIN_STOP_RETURN, thread->arch.frame.rip);
}

/* Interrupts are on in the idle loop only; an exception in ring 0 is the kernel's own fault. */
void trap_kernel(struct frame *frame)
{
	if (frame->vector < EXCEPTIONS)
		panic_exception(frame);
	checks_enter(CHECKS_IDLE);
	kernel_lock();
	count(INTERRUPTS);
	interrupt_dispatch((unsigned int)frame->vector);
}

/* Nobody here sends an NMI: it is a button's or a watchdog's, and not worth the machine. */
void trap_isolated(struct frame *frame)
{
	if (frame->vector == VECTOR_NMI)
		return;
	panic_exception(frame);
}
