/* SPDX-License-Identifier: MIT */
/*
 * vCPUs: the ways between guest user mode and guest kernel mode that entry.S does
 * not take by itself, events, and what a vCPU adds to a thread switch.
 *
 * The state page belongs to the guest: what is read from it is read once and
 * made harmless, what is written there is for the guest only.
 */
#include "object/vcpu.h"

#include "arch/checks.h"
#include "arch/context.h"
#include "arch/guest.h"
#include "arch/machine.h"
#include "arch/switch.h"
#include "base/arch.h"
#include "base/call.h"
#include "base/lock.h"
#include "object/scheduler.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"
#include "object/signal.h"
#include "purlin/call_numbers.h"

#define DEADLINE_AGAIN_US 50

#define STATE_READ(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define STATE_WRITE(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)

void vcpu_roots(struct cpu *cpu, struct vcpu *vcpu)
{
	struct space *space = vcpu->space;

	vcpu->roots_changed = false;
	vcpu->guest->cpus |= 1ull << cpu->id;
	if (space) {
		space_slots_update(space);
		space->cpus |= 1ull << cpu->id;
		cpu->user_cr3 = root_value_claimed(space->user_root, space->user_id);
		cpu->kernel_cr3 = root_value_claimed(space->kernel_root, space->kernel_id);
	} else {
		/* User mode without a space finds nothing mapped. */
		cpu->user_cr3 = kernel_root.value;
		cpu->kernel_cr3 = root_value_claimed(vcpu->guest->root, vcpu->guest->id);
	}
	cr3_write(cpu->user_state ? cpu->user_cr3 : cpu->kernel_cr3);
}

void vcpu_load(struct cpu *cpu, struct vcpu *vcpu)
{
	cpu->user_state = vcpu->in_user ? vcpu->state : NULL;
	cpu->kernel_state = vcpu->in_user ? NULL : vcpu->state;
	cpu->entry_syscall = vcpu->entry_syscall;
	cpu->entry_event = vcpu->entry_event;
	cpu->kernel_gs = vcpu->kernel_gs;
	vcpu_roots(cpu, vcpu);
}

void vcpu_unload(struct cpu *cpu, struct vcpu *vcpu)
{
	vcpu->in_user = cpu->user_state != NULL;
	cpu->user_state = NULL;
	cpu->kernel_state = NULL;
}

static void enter_kernel_mode(struct cpu *cpu, struct purlin_vcpu_state *state)
{
	STATE_WRITE(state->frame.user_gs, user_gs_read());
	user_gs_write(cpu->kernel_gs);
	cpu->kernel_state = state;
	cpu->user_state = NULL;
	cr3_write(cpu->kernel_cr3);
}

/* The vCPU is the current thread, its registers are in the frame. */
void vcpu_upcall(struct vcpu *vcpu, uint32_t vector, uint64_t error, uint64_t cr2)
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
		rflags &= ~(uint64_t)RFLAGS_IF;
	STATE_WRITE(state->frame.rip, frame->rip);
	STATE_WRITE(state->frame.rflags, rflags);
	STATE_WRITE(state->frame.vector, vector);
	STATE_WRITE(state->frame.from_user, from_user ? 1u : 0u);
	STATE_WRITE(state->frame.error, error);
	STATE_WRITE(state->frame.cr2, cr2);
	STATE_WRITE(state->events_enabled, (purlin_u8)0);
	frame->rip = vcpu->entry_event;
	frame->cs = USER_CS;
	frame->ss = USER_SS;
	frame->rflags = RFLAGS_FIXED;
	frame->vector = 0; /* all registers live: not by SYSRET */
}

void vcpu_leave(struct cpu *cpu, struct vcpu *vcpu)
{
	struct purlin_vcpu_state *state = vcpu->state;

	if (vcpu->roots_changed)
		vcpu_roots(cpu, vcpu);
	if (!state || !STATE_READ(state->events_pending))
		return;
	if (cpu->user_state || STATE_READ(state->events_enabled))
		vcpu_upcall(vcpu, PURLIN_VECTOR_EVENT, 0, 0);
}

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
	struct purlin_vcpu_state *state = vcpu->state;
	const struct frame *frame = &vcpu->thread.arch.frame;

	if (!state) {
		guest_stop(vcpu, cr2);
		return;
	}
	if (!cpu_this()->user_state) {
		uint64_t start = STATE_READ(state->critical_start);

		if (frame->rip - start < STATE_READ(state->critical_end) - start) {
			guest_stop(vcpu, cr2);
			return;
		}
	}
	vcpu_upcall(vcpu, (uint32_t)frame->vector, frame->error, cr2);
}

static bool canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

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

static void pend(struct purlin_vcpu_state *state, unsigned int word, uint64_t bits)
{
	__atomic_or_fetch(&state->pending[word], bits, __ATOMIC_RELAXED);
	__atomic_or_fetch(&state->pending_words, 1ull << word, __ATOMIC_RELAXED);
	/* Full barrier: before looking where the vCPU is (see resume_kernel in entry.S). */
	__atomic_store_n(&state->events_pending, 1, __ATOMIC_SEQ_CST);
}

void vcpu_event(struct thread *thread, unsigned int word, uint64_t bits)
{
	struct vcpu *vcpu = thread_vcpu(thread);

	if (!vcpu->state) {
		vcpu->early[word] |= bits;
		return;
	}
	pend(vcpu->state, word, bits);
	if (thread->state == THREAD_VCPU_WAITING)
		scheduler_ready(thread);
	else if (thread->cpu != arch_cpu_id() && cpus[thread->cpu].current == thread)
		arch_reschedule(thread->cpu);
}

static void deadline_look(struct vcpu *vcpu, uint64_t earliest);

/*
 * The guest may have moved the deadline later, and may go on doing so from another processor:
 * that must not become a storm of timer interrupts.
 */
static void deadline_expired(struct timeout *timeout)
{
	deadline_look(container_of(timeout, struct vcpu, deadline),
		      arch_time() + arch_time_hz() / 1000000 * DEADLINE_AGAIN_US);
}

/* Raise the timer event if it is due, else arm for it, but not before `earliest`. */
static void deadline_look(struct vcpu *vcpu, uint64_t earliest)
{
	struct purlin_vcpu_state *state = vcpu->state;
	uint64_t deadline = STATE_READ(state->deadline);

	if (deadline > arch_time()) {
		STATE_WRITE(state->armed, deadline);
		vcpu->deadline.function = deadline_expired;
		timeout_set(&vcpu->deadline, deadline > earliest ? deadline : earliest);
		return;
	}
	STATE_WRITE(state->armed, ~0ull);
	STATE_WRITE(state->deadline, ~0ull);
	timeout_cancel(&vcpu->deadline);
	vcpu_event(&vcpu->thread, PURLIN_EVENT_TIMER / 64, 1ull << PURLIN_EVENT_TIMER % 64);
}

void vcpu_thread_destroy(struct thread *thread)
{
	struct vcpu *vcpu = thread_vcpu(thread);

	timeout_cancel(&vcpu->deadline);
	if (vcpu->attachment)
		vcpu->attachment->holders--;
	vcpu->attachment = NULL;
	vcpu->state = NULL;
	vcpu->space = NULL;
	list_remove(&vcpu->guest_link);
}

CALL_HANDLER(vcpu_deadline)
{
	if (!thread_vcpu(call->caller)->state)
		return PURLIN_BAD_CALL;
	deadline_look(thread_vcpu(call->caller), 0);
	return PURLIN_OK;
}

CALL_HANDLER(vcpu_wait)
{
	struct thread *caller = call->caller;
	struct vcpu *vcpu = thread_vcpu(caller);
	status result;

	if (!vcpu->state)
		return PURLIN_BAD_CALL;
	result = batch_apply(vcpu);
	if (result == PURLIN_BAD_ARGUMENT)
		return CALL_DEFERRED; /* the guest was stopped */
	if (result)
		return result;
	if (STATE_READ(vcpu->state->events_pending))
		return PURLIN_OK;
	arch_call_status(caller, PURLIN_OK);
	scheduler_block(caller, THREAD_VCPU_WAITING);
	return CALL_DEFERRED;
}

CALL_HANDLER(vcpu_apply)
{
	struct vcpu *vcpu = thread_vcpu(call->caller);
	status result;

	if (!vcpu->state)
		return PURLIN_BAD_CALL;
	result = batch_apply(vcpu);
	return result == PURLIN_BAD_ARGUMENT ? CALL_DEFERRED : result;
}

CALL_HANDLER(vcpu_switch)
{
	struct vcpu *vcpu = thread_vcpu(call->caller);
	struct space *space = NULL;
	status result;

	if (!vcpu->state)
		return PURLIN_BAD_CALL;
	if (call->arguments->vcpu_switch.space) {
		struct capability *found;

		result = call_capability(call, 1, PURLIN_TYPE_SPACE, 0, &found);
		if (result)
			return result;
		space = space_of(found->object);
		if (space->guest != vcpu->guest)
			return call_refuse(1, PURLIN_BAD_CAPABILITY);
	}
	result = batch_apply(vcpu);
	if (result)
		return result == PURLIN_BAD_ARGUMENT ? CALL_DEFERRED : result;
	vcpu->space = space;
	vcpu_roots(cpu_this(), vcpu);
	return PURLIN_OK;
}

static bool guest_kernel_address(uint64_t address)
{
	return address >= PURLIN_GUEST_KERNEL_BASE;
}

static void take_over(struct vcpu *vcpu, struct purlin_vcpu_state *state)
{
	struct purlin_vcpu_state *old = vcpu->state;

	if (old && old != state)
		STATE_WRITE(state->deadline, STATE_READ(old->deadline));
	for (unsigned int word = 0; word < PURLIN_EVENT_WORDS; word++) {
		uint64_t bits = vcpu->early[word];

		vcpu->early[word] = 0;
		if (old && old != state)
			bits |= STATE_READ(old->pending[word]);
		if (bits)
			pend(state, word, bits);
	}
}

CALL_HANDLER(vcpu_configure)
{
	struct thread *caller = call->caller;
	const struct vcpu_configure_arguments *arguments = &call->arguments->vcpu_configure;
	struct vcpu *vcpu = thread_vcpu(thread_of(call->object));
	struct attachment *at =
		guest_find(vcpu->guest, arguments->state_gpa, sizeof(*vcpu->state) / PAGE_SIZE);
	struct purlin_vcpu_state *state;
	status result;

	if (&vcpu->thread != caller && vcpu->thread.state != THREAD_NEW)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	if (!at || arguments->state_gpa % PAGE_SIZE || !(at->rights & PURLIN_MAP_WRITE) ||
	    at->memory->physical)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (!guest_kernel_address(arguments->entry_syscall) ||
	    !guest_kernel_address(arguments->entry_event))
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (arguments->kernel_gs && !guest_kernel_address(arguments->kernel_gs))
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	result = batch_apply(vcpu);
	/* A bad one stopped the guest: who called from outside it goes on, and wants an answer. */
	if (result)
		return result == PURLIN_BAD_ARGUMENT && &vcpu->thread == caller ? CALL_DEFERRED :
										  result;

	state = arch_physical_to_kernel(
		(struct physical){ at->base.value + (arguments->state_gpa - at->address) });
	take_over(vcpu, state);
	if (vcpu->attachment)
		vcpu->attachment->holders--;
	at->holders++;
	vcpu->attachment = at;
	vcpu->state = state;
	vcpu->thread.message = &state->message;
	vcpu->entry_syscall = arguments->entry_syscall;
	vcpu->entry_event = arguments->entry_event;
	vcpu->kernel_gs = arguments->kernel_gs;
	if (&vcpu->thread == caller) {
		/* What it was when last unloaded does not count: it calls, so it is in kernel mode.
		 */
		vcpu->in_user = false;
		vcpu_load(cpu_this(), vcpu);
	}
	return PURLIN_OK;
}

CALL_HANDLER(vcpu_create)
{
	const struct vcpu_create_arguments *arguments = &call->arguments->vcpu_create;
	struct pd *pd = pd_of(call->object);
	struct account *account = pd->object.account;
	struct capability *slot;
	struct guest *guest;
	struct vcpu *vcpu;
	status result;

	if (!pd_is_guest(pd))
		return call_refuse(1, PURLIN_BUSY);
	result = call_slot(call, &slot);
	if (result)
		return result;
	result = pd_processor_check(pd, arguments->cpu);
	if (result)
		return call_refuse(3, result);
	if (arguments->priority > call->caller->base_priority)
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	guest = pd->thread_count == PD_THREADS_MAX ? NULL : guest_of(pd);
	if (!guest)
		return PURLIN_NO_MEMORY;
	vcpu = account_allocate(account, sizeof(*vcpu));
	if (!vcpu)
		return PURLIN_NO_MEMORY;
	vcpu->thread.object.account = account;
	result = arch_thread_create(&vcpu->thread);
	if (result) {
		account_free(account, vcpu);
		return result;
	}
	thread_init(&vcpu->thread, PURLIN_TYPE_VCPU, pd, (unsigned int)arguments->cpu,
		    (unsigned int)arguments->priority);
	vcpu->guest = guest;
	list_append(&guest->vcpus, &vcpu->guest_link);
	capability_fill(slot, &vcpu->thread.object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

CALL_HANDLER(vcpu_start)
{
	const struct vcpu_start_arguments *arguments = &call->arguments->vcpu_start;
	struct thread *thread = thread_of(call->object);

	if (thread->state != THREAD_NEW)
		return call_refuse(1, PURLIN_BUSY);
	if (!guest_kernel_address(arguments->rip))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	arch_thread_init(thread, arguments->rip, arguments->rsp, arguments->arg0);
	thread->arch.frame.rsi = arguments->arg1;
	scheduler_ready(thread);
	return PURLIN_OK;
}

/* The resumes are done before dispatch (vcpu_call); here they come without a state page. */
#define RESUME_WITHOUT_STATE(name)      \
	CALL_HANDLER(name)              \
	{                               \
		(void)call;             \
		return PURLIN_BAD_CALL; \
	}
RESUME_WITHOUT_STATE(vcpu_resume_syscall)
RESUME_WITHOUT_STATE(vcpu_resume_user)
RESUME_WITHOUT_STATE(vcpu_resume_kernel)
