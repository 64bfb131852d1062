/* SPDX-License-Identifier: MIT */
/*
 * vCPUs: the ways between guest user mode and guest kernel mode that entry.S does
 * not take by itself, and what a vCPU adds to a thread switch.
 */
#include "arch/vcpu.h"

#include "arch/checks.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "base/call.h"
#include "base/lock.h"
#include "object/scheduler.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"
#include "purlin/call_numbers.h"

/* Locked. */
static void roots_enter(struct cpu *cpu, struct space *space)
{
	space->arch.cpus |= cpu->bit;
	cpu->user_cr3 = root_value_claimed(space->arch.user_root, space->arch.user_id);
	cpu->kernel_cr3 = root_value_claimed(space->arch.kernel_root, space->arch.kernel_id);
}

static void vcpu_roots(struct cpu *cpu, struct vcpu *vcpu)
{
	struct space *space = vcpu->space;

	vcpu->roots_changed = false;
	/*
	 * Before the roots are loaded: whoever takes a mapping away from now on asks this
	 * processor, too.
	 */
	vcpu->guest->arch.cpus |= 1ull << cpu->id;
	if (space) {
		space_slots_update(space);
		/* A batch under way may rely on no other processor being in the space. */
		space_lock(space);
		roots_enter(cpu, space);
		space_unlock(space);
	} else {
		/* User mode without a space finds nothing mapped. */
		cpu->user_cr3 = kernel_root.value;
		cpu->kernel_cr3 = root_value_claimed(vcpu->guest->arch.root, vcpu->guest->arch.id);
	}
	/* The mode does not change here: this may be a vCPU that was put aside in user mode. */
	cr3_write(cpu->user_state ? cpu->user_cr3 : cpu->kernel_cr3);
}

void vcpu_load(struct cpu *cpu, struct vcpu *vcpu)
{
	vcpu_runs(vcpu);
	number_set(cpu, vcpu->state ? STATE_READ(vcpu->state->number) : 0);
	/* entry.S reads these instead of the vCPU: the direct switch may not look at objects. */
	cpu->user_state = vcpu->arch.in_user ? vcpu->state : NULL;
	cpu->kernel_state = vcpu->arch.in_user ? NULL : vcpu->state;
	cpu->entry_syscall = vcpu->entry_syscall;
	cpu->entry_event = vcpu->entry_event;
	cpu->kernel_gs = vcpu->kernel_gs;
	if (vcpu->arch.has_watches)
		watches_load(cpu, &vcpu->arch);
	vcpu_roots(cpu, vcpu);
}

void vcpu_unload(struct cpu *cpu, struct vcpu *vcpu)
{
	vcpu_rests(vcpu);
	/* The direct switch changes the mode without telling: only now the vCPU learns of it. */
	vcpu->arch.in_user = cpu->user_state != NULL;
	cpu->user_state = NULL;
	cpu->kernel_state = NULL;
	if (cpu->watches)
		watches_unload(cpu);
}

static void enter_kernel_mode(struct cpu *cpu, struct purlin_vcpu_state *state)
{
	/* As to_guest_kernel of entry.S does. */
	STATE_WRITE(state->frame.user_gs, user_gs_read());
	user_gs_write(cpu->kernel_gs);
	cpu->kernel_state = state;
	cpu->user_state = NULL;
	cr3_write(cpu->kernel_cr3);
}

/* The vCPU is the current thread, its registers are in the frame. */
static void vcpu_upcall(struct vcpu *vcpu, uint32_t vector, uint64_t error, uint64_t cr2)
{
	struct cpu *cpu = cpu_this();
	struct purlin_vcpu_state *state = vcpu->state;
	struct frame *frame = &vcpu->thread.arch.frame;
	bool from_user = cpu->user_state != NULL;
	uint64_t rflags = frame->rflags;

	count(UPCALLS_SLOW);
	trace(PURLIN_TRACE_GUEST, "%s: upcall %u from %s, rip %lx, error %lx, cr2 %lx\n",
	      vcpu->thread.pd->name, vector, from_user ? "user" : "kernel", frame->rip, error, cr2);
	if (from_user)
		enter_kernel_mode(cpu, state);
	else if (!STATE_READ(state->events_enabled))
		/* What the guest finds in its frame is its own flag; the processor's is always set.
		 */
		rflags &= ~(uint64_t)RFLAGS_IF;
	STATE_WRITE(state->frame.rip, frame->rip);
	STATE_WRITE(state->frame.rflags, rflags);
	STATE_WRITE(state->frame.vector, vector);
	STATE_WRITE(state->frame.from_user, from_user ? 1u : 0u);
	STATE_WRITE(state->frame.error, error);
	STATE_WRITE(state->frame.cr2, cr2);
	/* Until the guest enables events again, no other one overwrites the frame. */
	STATE_WRITE(state->events_enabled, (purlin_u8)0);
	/* Ours, not the page's: checked by vcpu_configure, while the guest may write the page. */
	frame->rip = vcpu->entry_event;
	frame->cs = USER_CS;
	frame->ss = USER_SS;
	frame->rflags = RFLAGS_FIXED;
	frame->vector = 0; /* all registers live: not by SYSRET */
}

/*
 * There the guest still needs what the last upcall left in the state page, and another one would
 * overwrite it. The guest marks the range by two addresses, since setting a flag would cost
 * instructions.
 */
static bool in_critical_range(const struct vcpu *vcpu)
{
	const struct purlin_vcpu_state *state = vcpu->state;
	uint64_t start = STATE_READ(state->critical_start);

	return !cpu_this()->user_state &&
	       vcpu->thread.arch.frame.rip - start < STATE_READ(state->critical_end) - start;
}

static __attribute__((noinline)) void alert(struct vcpu *vcpu)
{
	if (!vcpu_alerted(vcpu))
		return;
	if (in_critical_range(vcpu)) {
		vcpu_alert_again(vcpu);
		return;
	}
	vcpu_alert_taken(vcpu);
	vcpu_upcall(vcpu, PURLIN_VECTOR_ALERT, 0, 0);
}

void vcpu_leave(struct cpu *cpu, struct vcpu *vcpu)
{
	struct purlin_vcpu_state *state = vcpu->state;

	if (vcpu->roots_changed)
		vcpu_roots(cpu, vcpu);
	if (!state)
		return;
	/*
	 * Before events: after an upcall for those RIP lies in the critical range. At most one of
	 * the two is made, since the first disables events and leaves user mode.
	 */
	if (__builtin_expect(STATE_READ(state->alert_pending), 0))
		alert(vcpu);
	if (!STATE_READ(state->events_pending))
		return;
	if (cpu->user_state || STATE_READ(state->events_enabled))
		vcpu_upcall(vcpu, PURLIN_VECTOR_EVENT, 0, 0);
}

/* As a double fault: another upcall would overwrite the frame that the guest has not read. */
static void guest_stop(struct vcpu *vcpu, uint64_t cr2)
{
	const struct frame *frame = &vcpu->thread.arch.frame;

	if (account_log_allowed(vcpu->thread.pd->object.account))
		log_print("%s: guest kernel fault it cannot take: vector %lu, error %lx, rip "
			  "%lx, rsp "
			  "%lx, cr2 %lx\n",
			  vcpu->thread.pd->name, frame->vector, frame->error, frame->rip,
			  frame->rsp, cr2);
	pd_stop(vcpu->thread.pd, PURLIN_STOP_DOUBLE_FAULT, frame->rip);
}

void vcpu_exception(struct vcpu *vcpu, uint64_t cr2)
{
	const struct frame *frame = &vcpu->thread.arch.frame;

	if (!vcpu->state || in_critical_range(vcpu))
		guest_stop(vcpu, cr2);
	else
		vcpu_upcall(vcpu, (uint32_t)frame->vector, frame->error, cr2);
}

static bool canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

/*
 * The resumes of entry.S again, for when something else was to be done first. Another vCPU may
 * write the state page meanwhile, so each field is read once and the copy is checked. What is
 * pending becomes an upcall on the way out (vcpu_leave).
 */
static void resume(struct vcpu *vcpu, uint64_t number)
{
	struct cpu *cpu = cpu_this();
	struct purlin_vcpu_state *state = vcpu->state;
	struct frame *frame = &vcpu->thread.arch.frame;
	bool to_user = number != PURLIN_CALL_VCPU_RESUME_KERNEL;
	uint64_t rip = STATE_READ(state->frame.rip);
	uint64_t rflags = STATE_READ(state->frame.rflags);
	bool enable = rflags & RFLAGS_IF;

	rflags = (rflags & (to_user ? RFLAGS_USER_MODE : RFLAGS_KERNEL_MODE)) | RFLAGS_FIXED;
	frame->rip = rip;
	frame->rflags = rflags;
	frame->rax = STATE_READ(state->frame.rax);
	if (number == PURLIN_CALL_VCPU_RESUME_SYSCALL) {
		/* The frame's vector stays FRAME_SYSCALL: SYSRET needs both in these two. */
		frame->rcx = rip;
		frame->r11 = rflags;
	} else {
		frame->rcx = STATE_READ(state->frame.rcx);
		frame->r11 = STATE_READ(state->frame.r11);
		frame->vector = 0;
	}
	if (to_user) {
		cpu->user_state = state;
		cpu->kernel_state = NULL;
		/*
		 * SYSRET to an address that is not canonical would fault in ring 0 (Intel), and a
		 * process has nothing in the upper half.
		 */
		if (rip >> 47)
			vcpu_upcall(vcpu, VECTOR_PROTECTION, 0, 0);
		else
			cr3_write(cpu->user_cr3);
	} else {
		STATE_WRITE(state->events_enabled, (purlin_u8)enable);
		if (!canonical(rip))
			vcpu_upcall(vcpu, VECTOR_PROTECTION, 0, 0);
	}
}

static void resume_with_batch(struct vcpu *vcpu, status applied)
{
	/* On any other refusal the guest was stopped, and this thread does not go on. */
	if (applied == CALL_RESTART)
		arch_call_restart(&vcpu->thread);
	else if (applied == PURLIN_OK)
		resume(vcpu, vcpu->thread.arch.frame.rax);
}

bool vcpu_call(struct vcpu *vcpu)
{
	uint64_t number = vcpu->thread.arch.frame.rax;

	if (number > PURLIN_CALL_VCPU_RESUME_KERNEL || !vcpu->state)
		return false;
	/* Stopped by another processor while this one waited for the lock. */
	if (vcpu->thread.state == THREAD_READY)
		resume_with_batch(vcpu, batch_apply(vcpu));
	return true;
}

/*
 * Events that come meanwhile come with an interrupt, which is taken right after the resume. False:
 * lock held, leave as after any call.
 */
bool vcpu_hand_over(void)
{
	struct thread *thread;
	struct vcpu *vcpu;
	status result;

	checks_enter(CHECKS_HAND_OVER);
	kernel_lock();
	count(CALLS);
	thread = cpu_this()->current;
	if (!thread || thread->state != THREAD_READY)
		return false;
	/* With changed roots the values of CR3 in struct cpu are old: vcpu_leave() renews them. */
	vcpu = thread_vcpu(thread);
	result = batch_apply(vcpu);
	if (result == PURLIN_OK && !vcpu->roots_changed) {
		checks_leave(cpu_this(), NULL);
		kernel_unlock();
		return true;
	}
	resume_with_batch(vcpu, result);
	return false;
}

bool vcpu_hand_over_quick(void)
{
	bool done;

	checks_enter(CHECKS_QUICK);
	/* Whoever stops the vCPU or takes its space away interrupts this processor: after this. */
	done = batch_quick(thread_vcpu(cpu_this()->current));
	if (done)
		count(CALLS);
	checks_leave_unlocked();
	return done;
}

_Static_assert(offsetof(struct purlin_vcpu_state, batch[0].word0) == STATE_BATCH, "entry.S");

void arch_vcpu_init(struct vcpu *vcpu, const struct vcpu_start_arguments *arguments)
{
	arch_thread_init(&vcpu->thread, arguments->rip, arguments->rsp, arguments->arg0);
	vcpu->thread.arch.frame.rsi = arguments->arg1;
}

void arch_vcpu_space(struct vcpu *vcpu)
{
	vcpu_roots(cpu_this(), vcpu);
}

bool arch_vcpu_space_quick(struct vcpu *vcpu, struct space *space)
{
	struct cpu *cpu = cpu_this();

	/* A slot that comes after this look is also given to the space (slot_spread()). */
	if (space->arch.slots != STATE_READ(space->guest->arch.slots))
		return false;
	STATE_WRITE(vcpu->space, space);
	roots_enter(cpu, space);
	cr3_write(cpu->kernel_cr3);
	return true;
}

bool vcpu_switch_short(uint64_t slot)
{
	bool done;

	checks_enter(CHECKS_QUICK);
	/* A trace has to show every call, and only the long way writes it. */
	done = !trace_categories && vcpu_switch_quick(thread_vcpu(cpu_this()->current), slot);
	if (done)
		count(CALLS);
	checks_leave_unlocked();
	return done;
}

void arch_vcpu_configured(struct vcpu *vcpu)
{
	/* The state at the last unloading does not count. */
	vcpu->arch.in_user = false;
	vcpu_load(cpu_this(), vcpu);
}
