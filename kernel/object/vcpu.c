// SPDX-License-Identifier: MIT
/* vCPUs: their life, their state page, the calls that they make on themselves. */
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

/* The caller's batch. If that was bad, the guest was stopped, and nobody waits for a result. */
static status own_batch_apply(struct vcpu *vcpu)
{
	status result = vcpu->state ? batch_apply(vcpu) : PURLIN_BAD_CALL;

	return result == PURLIN_BAD_ARGUMENT ? CALL_DEFERRED : result;
}

CALL_HANDLER(vcpu_wait)
{
	struct thread *caller = call->caller;
	struct vcpu *vcpu = thread_vcpu(caller);
	/* Removals must not wait for as long as it sleeps: other vCPUs may rely on them. */
	status result = own_batch_apply(vcpu);

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
	return own_batch_apply(thread_vcpu(call->caller));
}

CALL_HANDLER(vcpu_debug)
{
	struct vcpu *vcpu = thread_vcpu(call->caller);

	if (!vcpu->state)
		return PURLIN_BAD_CALL;
	return arch_vcpu_debug(vcpu, &call->arguments->vcpu_debug);
}

void vcpu_space_forget(struct vcpu *vcpu, const struct space *space)
{
	vcpu_lock(vcpu);
	for (unsigned int i = 0; i < ENTERED_SPACES; i++) {
		if (vcpu->entered[i].space == space)
			vcpu->entered[i].space = NULL;
	}
	/*
	 * It may be running in the space. space_end() makes its processor leave the roots; when it
	 * next leaves the kernel, it loads those of a vCPU without a space.
	 */
	if (vcpu->space == space) {
		vcpu->space = NULL;
		vcpu->roots_changed = true;
	}
	vcpu_unlock(vcpu);
}

/*
 * The space in a slot, if the vCPU has been in it: then its capability can be compared without a
 * look at the object, which may be one that is being freed.
 */
static struct space *entered_find(const struct vcpu *vcpu, uint64_t slot)
{
	struct space *space = vcpu->entered[slot % ENTERED_SPACES].space;
	const struct capability *capability;

	if (!space || vcpu->entered[slot % ENTERED_SPACES].slot != slot)
		return NULL;
	capability = capability_find(&vcpu->thread.pd->capabilities, slot);
	return capability && STATE_READ(capability->object) == &space->object ? space : NULL;
}

bool vcpu_switch_quick(struct vcpu *vcpu, uint64_t slot)
{
	struct space *space;
	bool done = false;

	if (!vcpu->state || (STATE_READ(vcpu->state->batch_count) && !batch_quick(vcpu)) ||
	    !lock_try(&vcpu->lock))
		return false;
	/* A space that ends waits for this lock before it goes (space_kill()). */
	space = entered_find(vcpu, slot);
	if (space && lock_try(&space->lock)) {
		done = space->mapped && arch_vcpu_space_quick(vcpu, space);
		space_unlock(space);
	}
	vcpu_unlock(vcpu);
	return done;
}

CALL_HANDLER(vcpu_switch)
{
	struct vcpu *vcpu = thread_vcpu(call->caller);
	uint64_t slot = call->arguments->vcpu_switch.space;
	struct space *space = NULL;
	status result;

	if (!vcpu->state)
		return PURLIN_BAD_CALL;
	if (slot) {
		struct capability *found;

		result = call_capability(call, 1, PURLIN_TYPE_SPACE, 0, &found);
		if (result)
			return result;
		space = space_of(found->object);
		if (space->guest != vcpu->guest)
			return call_refuse(1, PURLIN_BAD_CAPABILITY);
	}
	/* First, since entries that name no space speak of the one that is left. */
	result = own_batch_apply(vcpu);
	if (result)
		return result;
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
	if (space) {
		vcpu->entered[slot % ENTERED_SPACES].slot = slot;
		vcpu->entered[slot % ENTERED_SPACES].space = space;
	}
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

/* `at`: where the state page would lie, or NULL. */
static status check_configure(const struct call *call, const struct vcpu *vcpu,
			      const struct attachment *at)
{
	const struct vcpu_configure_arguments *arguments = &call->arguments->vcpu_configure;

	/*
	 * The configuration of a running vCPU is in its processor's data (struct cpu), which only
	 * the vCPU itself can change.
	 */
	if (&vcpu->thread != call->caller && vcpu->thread.state != THREAD_NEW)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	if (!at || arguments->state_gpa % PAGE_SIZE || !(at->rights & PURLIN_MAP_WRITE) ||
	    at->memory->physical)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (!guest_kernel_address(arguments->entry_syscall) ||
	    !guest_kernel_address(arguments->entry_event))
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (arguments->kernel_gs && !guest_kernel_address(arguments->kernel_gs))
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	return PURLIN_OK;
}

static void state_page_set(struct vcpu *vcpu, struct attachment *at, uint64_t gpa)
{
	struct purlin_vcpu_state *state =
		arch_physical_to_kernel((struct physical){ at->base.value + (gpa - at->address) });

	vcpu_events_take_over(vcpu, state);
	if (vcpu->attachment)
		vcpu->attachment->holders--;
	at->holders++;
	vcpu->attachment = at;
	vcpu->state = state;
	vcpu->thread.message = &state->message;
}

CALL_HANDLER(vcpu_configure)
{
	const struct vcpu_configure_arguments *arguments = &call->arguments->vcpu_configure;
	struct vcpu *vcpu = thread_vcpu(thread_of(call->object));
	struct attachment *at =
		guest_find(vcpu->guest, arguments->state_gpa, sizeof(*vcpu->state) / PAGE_SIZE);
	bool own = &vcpu->thread == call->caller;
	status result = check_configure(call, vcpu, at);

	if (result)
		return result;
	/* The batch lies in the page that is left: what is noted there would be forgotten. */
	result = batch_apply(vcpu);
	/* A bad one stopped the guest: who called from outside it goes on, and wants an answer. */
	if (result)
		return result == PURLIN_BAD_ARGUMENT && own ? CALL_DEFERRED : result;
	/* Nothing below can fail. */
	state_page_set(vcpu, at, arguments->state_gpa);
	vcpu->entry_syscall = arguments->entry_syscall;
	vcpu->entry_event = arguments->entry_event;
	vcpu->kernel_gs = arguments->kernel_gs;
	if (own)
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

static uint64_t status_of(const struct vcpu *vcpu)
{
	switch (vcpu->thread.state) {
	case THREAD_NEW:
		return PURLIN_VCPU_IS_NEW;
	case THREAD_VCPU_WAITING:
		return PURLIN_VCPU_IS_WAITING;
	case THREAD_READY:
		return PURLIN_VCPU_IS_READY;
	default:
		return PURLIN_VCPU_IS_AWAY;
	}
}

CALL_HANDLER(vcpu_status)
{
	const struct vcpu *vcpu = thread_vcpu(thread_of(call->object));
	const struct thread *thread = &vcpu->thread;
	struct purlin_message *message = call_message(call);
	uint64_t steal = vcpu->steal;

	/*
	 * As vcpu_runs() will count it: a vCPU that starves has long been ready and has not run
	 * since.
	 */
	if (thread->state == THREAD_READY && thread->processor->current != thread)
		steal += nanoseconds(arch_time() - thread->ready_since);
	arch_call_result(call->caller, 0, status_of(vcpu));
	arch_call_result(call->caller, 1,
			 vcpu->state ? STATE_READ(vcpu->state->pending[0]) : vcpu->early[0]);
	arch_call_result(call->caller, 2, arch_thread_address(thread));
	if (message)
		message->word[0] = steal;
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
