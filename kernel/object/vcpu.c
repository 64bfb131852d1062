// SPDX-License-Identifier: MIT
/* vCPUs: their life, their state page, events and the deadline. */
#include "object/vcpu.h"

#include "base/arch.h"
#include "base/call.h"
#include "object/processor.h"
#include "object/scheduler.h"
#include "object/account.h"
#include "object/attachment.h"
#include "object/pd.h"
#include "object/signal.h"
#include "object/space.h"

#define DEADLINE_AGAIN_US 50

/*
 * Bits first, the flag that sums them up last. The guest clears them in the opposite order, so none
 * is lost.
 */
static void pend(struct purlin_vcpu_state *state, unsigned int word, uint64_t bits)
{
	__atomic_or_fetch(&state->pending[word], bits, __ATOMIC_RELAXED);
	__atomic_or_fetch(&state->pending_words, 1ull << word, __ATOMIC_RELAXED);
	/* Full barrier: before looking where the vCPU is (see resume_kernel in entry.S). */
	__atomic_store_n(&state->events_pending, 1, __ATOMIC_SEQ_CST);
}

/* Something is pending: it wakes up, or its processor looks on the way out of an interrupt. */
static void notice(struct thread *thread)
{
	if (thread->state == THREAD_VCPU_WAITING)
		scheduler_ready(thread);
	else if (thread->cpu != arch_cpu_id() && thread->processor->current == thread)
		arch_reschedule(thread->cpu);
}

void vcpu_event(struct thread *thread, unsigned int word, uint64_t bits)
{
	struct vcpu *vcpu = thread_vcpu(thread);

	/* A guest binds its signals before it has a state page: take_over() hands these on. */
	if (!vcpu->state) {
		vcpu->early[word] |= bits;
		return;
	}
	pend(vcpu->state, word, bits);
	notice(thread);
}

static void alert_pend(struct purlin_vcpu_state *state)
{
	/* Full barrier, as in pend(). */
	__atomic_store_n(&state->alert_pending, 1, __ATOMIC_SEQ_CST);
}

CALL_HANDLER(vcpu_alert)
{
	struct vcpu *vcpu = thread_vcpu(thread_of(call->object));

	if (!vcpu->state) {
		vcpu->early_alert = true;
		return PURLIN_OK;
	}
	alert_pend(vcpu->state);
	notice(&vcpu->thread);
	return PURLIN_OK;
}

bool vcpu_alerted(const struct vcpu *vcpu)
{
	return STATE_READ(vcpu->state->alert_pending) && !STATE_READ(vcpu->state->alert_masked);
}

/* Being here is enough: the way out of the interrupt looks again. */
static void alert_expired(struct timeout *timeout)
{
	(void)timeout;
}

/*
 * The guest is where an upcall would do damage, and it does not say when it leaves: only time
 * helps. The interrupt of the timeout leads to another look at the way out.
 */
void vcpu_alert_again(struct vcpu *vcpu)
{
	vcpu->alert_again.function = alert_expired;
	timeout_set(&vcpu->alert_again,
		    arch_time() + arch_time_hz() / 1000000 * PURLIN_ALERT_AGAIN_US);
}

void vcpu_alert_taken(struct vcpu *vcpu)
{
	/* In this order: one that is raised between the two waits for the guest's word. */
	STATE_WRITE(vcpu->state->alert_masked, (purlin_u8)1);
	STATE_WRITE(vcpu->state->alert_pending, (purlin_u8)0);
}

/* Without the overflow that the product of a long time would have. */
static uint64_t nanoseconds(uint64_t ticks)
{
	const uint64_t second = 1000000000;

	return ticks / arch_time_hz() * second + ticks % arch_time_hz() * second / arch_time_hz();
}

void vcpu_runs(struct vcpu *vcpu)
{
	struct thread *thread = &vcpu->thread;

	/* From when it was ready to now, it would have run if others had not. */
	if (thread->ready_since)
		vcpu->steal += nanoseconds(arch_time() - thread->ready_since);
	thread->ready_since = 0;
	if (!vcpu->state)
		return;
	STATE_WRITE(vcpu->state->steal, vcpu->steal);
	STATE_WRITE(vcpu->state->running, 1u);
}

void vcpu_rests(struct vcpu *vcpu)
{
	if (vcpu->state)
		STATE_WRITE(vcpu->state->running, 0u);
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

	/*
	 * The guest needs no call to move its deadline later, only to move it to before `armed`. So
	 * the timeout may find a deadline that is still to come, and is armed for it.
	 */
	if (deadline > arch_time()) {
		STATE_WRITE(state->armed, deadline);
		vcpu->deadline.function = deadline_expired;
		timeout_set(&vcpu->deadline, deadline > earliest ? deadline : earliest);
		return;
	}
	/* Both before the event: the guest's handler sets the next deadline, which must stay. */
	STATE_WRITE(state->armed, ~0ull);
	STATE_WRITE(state->deadline, ~0ull);
	timeout_cancel(&vcpu->deadline);
	vcpu_event(&vcpu->thread, PURLIN_EVENT_TIMER / 64, 1ull << PURLIN_EVENT_TIMER % 64);
}

void vcpu_state_forget(struct vcpu *vcpu)
{
	timeout_cancel(&vcpu->deadline);
	timeout_cancel(&vcpu->alert_again);
	vcpu->attachment = NULL;
	vcpu->state = NULL;
}

void vcpu_thread_destroy(struct thread *thread)
{
	struct vcpu *vcpu = thread_vcpu(thread);

	/* From here on guest_detach may take the memory of the state page away. */
	if (vcpu->attachment)
		vcpu->attachment->holders--;
	vcpu_state_forget(vcpu);
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
	/* Removals must not wait for as long as it sleeps: other vCPUs may rely on them. */
	result = batch_apply(vcpu);
	if (result == PURLIN_BAD_ARGUMENT)
		return CALL_DEFERRED; /* the guest was stopped */
	if (result)
		return result;
	/*
	 * Under the lock that vcpu_event() is called with, too: nothing comes between this look and
	 * the state below.
	 */
	if (STATE_READ(vcpu->state->events_pending) || vcpu_alerted(vcpu))
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

CALL_HANDLER(vcpu_debug)
{
	struct vcpu *vcpu = thread_vcpu(call->caller);

	if (!vcpu->state)
		return PURLIN_BAD_CALL;
	return arch_vcpu_debug(vcpu, &call->arguments->vcpu_debug);
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
	/* First, since entries that name no space speak of the one that is left. */
	result = batch_apply(vcpu);
	if (result)
		return result == PURLIN_BAD_ARGUMENT ? CALL_DEFERRED : result;
	/*
	 * Roots are made when a space is first entered, and may have been reclaimed since. If
	 * nothing can make room for two pages, the guest cannot run any process.
	 */
	while (space && space_open(space)) {
		if (!guest_reclaim(vcpu->guest, NULL)) {
			pd_stop(vcpu->thread.pd, PURLIN_STOP_NO_MEMORY, 0);
			return CALL_DEFERRED;
		}
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	vcpu->space = space;
	arch_vcpu_space(vcpu);
	return PURLIN_OK;
}

CALL_HANDLER(vcpu_yield_to)
{
	struct thread *to = thread_of(call->object);

	/* A guest decides among its own vCPUs only. */
	if (to->pd != call->pd)
		return call_refuse(1, PURLIN_BAD_CAPABILITY);
	return scheduler_yield_to(to) ? PURLIN_OK : PURLIN_AGAIN;
}

/* Canonical, so that entry.S can give it to SYSRET and WRGSBASE without a look. */
static bool guest_kernel_address(uint64_t address)
{
	return address >= PURLIN_GUEST_KERNEL_BASE;
}

/* What came before the state page, or was pending in the one before, is not lost. */
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
	if (vcpu->early_alert || (old && STATE_READ(old->alert_pending)))
		alert_pend(state);
	vcpu->early_alert = false;
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

	/*
	 * That of a running vCPU is in registers of its processor (struct cpu): only it can change
	 * them.
	 */
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
	/* The batch lies in the page that is left: what is noted there would be forgotten. */
	result = batch_apply(vcpu);
	/* A bad one stopped the guest: who called from outside it goes on, and wants an answer. */
	if (result)
		return result == PURLIN_BAD_ARGUMENT && &vcpu->thread == caller ? CALL_DEFERRED :
										  result;

	state = arch_physical_to_kernel(
		(struct physical){ at->base.value + (arguments->state_gpa - at->address) });
	/* Nothing below can fail. */
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
	if (&vcpu->thread == caller)
		arch_vcpu_configured(vcpu);
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

	result = guest_slot(call, &slot);
	if (result)
		return result;
	result = pd_processor_check(pd, arguments->cpu);
	if (result)
		return call_refuse(3, result);
	/* As for threads: a lent priority goes back with the reply (thread.c). */
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
	arch_vcpu_init(thread_vcpu(thread), arguments);
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
