// SPDX-License-Identifier: MIT
/*
 * What a vCPU is told without having asked: events of its signals, the deadline, alerts. All go to
 * the state page, which the guest reads and writes at the same time.
 */
#include "object/vcpu.h"

#include "base/arch.h"
#include "base/call.h"
#include "object/processor.h"
#include "object/scheduler.h"
#include "object/signal.h"

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

	/* A guest binds its signals before it has a state page: these are handed on with the page.
	 */
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
	/*
	 * The order matters: an alert that is raised between the two waits until the guest allows
	 * it.
	 */
	STATE_WRITE(vcpu->state->alert_masked, (purlin_u8)1);
	STATE_WRITE(vcpu->state->alert_pending, (purlin_u8)0);
}

static void deadline_look(struct vcpu *vcpu, uint64_t earliest);

/*
 * The guest may have moved the deadline later, and may go on doing so from another processor:
 * that must not become a storm of timer interrupts.
 */
static void deadline_expired(struct timeout *timeout)
{
	struct vcpu *vcpu = container_of(timeout, struct vcpu, deadline);
	uint64_t now = arch_time(), late = now - timeout->deadline;

	/* Only a machine that stands still can delay this timer. */
	if (late >= arch_time_hz() / 2)
		STATE_WRITE(vcpu->state->stopped, STATE_READ(vcpu->state->stopped) + late);
	deadline_look(vcpu, now + arch_time_hz() / 1000000 * DEADLINE_AGAIN_US);
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
	/*
	 * Both come before the event: the guest's handler sets the next deadline, which must not be
	 * overwritten.
	 */
	STATE_WRITE(state->armed, ~0ull);
	STATE_WRITE(state->deadline, ~0ull);
	timeout_cancel(&vcpu->deadline);
	vcpu_event(&vcpu->thread, PURLIN_EVENT_TIMER / 64, 1ull << PURLIN_EVENT_TIMER % 64);
}

CALL_HANDLER(vcpu_deadline)
{
	if (!thread_vcpu(call->caller)->state)
		return PURLIN_BAD_CALL;
	deadline_look(thread_vcpu(call->caller), 0);
	return PURLIN_OK;
}

/* What came before there was a state page, or was pending in the previous one, is not lost. */
void vcpu_events_take_over(struct vcpu *vcpu, struct purlin_vcpu_state *state)
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
