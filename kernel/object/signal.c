// SPDX-License-Identifier: MIT
/* Signals. */
#include "object/signal.h"

#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/binding.h"
#include "object/capability.h"
#include "object/thread.h"
#include "purlin/vcpu.h"

/* Complete the call of a thread that waits for the signal. */
static void wake(struct thread *thread, status result, uint64_t bits)
{
	list_remove(&thread->link);
	arch_call_result(thread, 0, bits);
	arch_call_status(thread, result);
	scheduler_ready(thread);
}

/* From endpoint_receive: no message has come, but these bits. */
static void wake_receiver(struct thread *thread, uint64_t bits)
{
	arch_call_result(thread, 1, bits);
	wake(thread, PURLIN_SIGNALLED, 0);
}

void signal_notify(struct signal *signal, uint64_t bits)
{
	/* A binding may fire while the signal dies in rounds. */
	if (!bits || signal->object.dead)
		return;
	if (signal->vcpu) {
		vcpu_event(signal->vcpu, signal->word, bits);
		return;
	}
	/* All bits go to one receiver, which takes them out: nobody may learn of an event twice. */
	bits |= signal->bits;
	signal->bits = 0;
	if (!list_empty(&signal->waiters))
		wake(list_first(&signal->waiters, struct thread, link), PURLIN_OK, bits);
	else if (signal->thread && signal->thread->state == THREAD_RECEIVING)
		wake_receiver(signal->thread, bits);
	else
		signal->bits = bits;
}

static void unbind_vcpu(struct signal *signal)
{
	list_remove(&signal->vcpu_link);
	signal->vcpu = NULL;
}

status signal_forget(struct thread *thread)
{
	/* The signal lives on, and may be bound to another thread. */
	if (thread->bound_signal)
		thread->bound_signal->thread = NULL;
	thread->bound_signal = NULL;
	/* A vCPU may have any number of signals: in rounds. */
	while (!list_empty(&thread->vcpu_signals)) {
		unbind_vcpu(list_first(&thread->vcpu_signals, struct signal, vcpu_link));
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status signal_kill(struct object *object)
{
	struct signal *signal = signal_of(object);

	while (!list_empty(&signal->waiters)) {
		wake(list_first(&signal->waiters, struct thread, link), PURLIN_DEAD, 0);
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	if (signal->thread)
		signal->thread->bound_signal = NULL;
	signal->thread = NULL;
	if (signal->vcpu)
		unbind_vcpu(signal);
	return PURLIN_OK;
}

/* The bits a holder of this capability may set. */
static uint64_t allowed(const struct capability *capability, uint64_t bits)
{
	return capability->badge ? bits & capability->badge : bits;
}

status signal_bind(struct signal_binding *binding, const struct call *call, unsigned int argument)
{
	struct capability *found;
	status result =
		call_capability(call, argument, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE, &found);

	if (result != PURLIN_OK)
		return result;
	/* A timer is set to the same signal again and again: its reference stays. */
	if (binding->signal != signal_of(found->object)) {
		if (signal_unbind(binding) == CALL_RESTART)
			return CALL_RESTART;
		object_get(found->object);
		binding->signal = signal_of(found->object);
	}
	binding->bits = allowed(found, call->arguments->word[argument]);
	return PURLIN_OK;
}

status signal_unbind(struct signal_binding *binding)
{
	if (binding->signal && object_drop(&binding->signal->object) == CALL_RESTART)
		return CALL_RESTART;
	binding->signal = NULL;
	return PURLIN_OK;
}

CALL_HANDLER(signal_create)
{
	struct object *object;
	status result = call_create(call, account_of(call->object), PURLIN_TYPE_SIGNAL,
				    sizeof(struct signal), &object);

	if (result != PURLIN_OK)
		return result;
	list_init(&signal_of(object)->waiters);
	list_init(&signal_of(object)->vcpu_link);
	return PURLIN_OK;
}

CALL_HANDLER(signal_notify)
{
	signal_notify(signal_of(call->object),
		      allowed(call->capability, call->arguments->signal_notify.bits));
	return PURLIN_OK;
}

CALL_HANDLER(signal_poll)
{
	struct signal *signal = signal_of(call->object);

	/* Its bits are in the state page: here there would never be any. */
	if (signal->vcpu)
		return call_refuse(1, PURLIN_BUSY);
	if (!signal->bits)
		return PURLIN_AGAIN;
	arch_call_result(call->caller, 0, signal->bits);
	signal->bits = 0;
	return PURLIN_OK;
}

CALL_HANDLER(signal_wait)
{
	struct thread *caller = call->caller;
	status result = call_signal_poll(call);

	if (result != PURLIN_AGAIN)
		return result;
	scheduler_block(caller, THREAD_WAITING);
	list_append(&signal_of(call->object)->waiters, &caller->link);
	return CALL_DEFERRED;
}

CALL_HANDLER(signal_bind_vcpu)
{
	struct signal *signal = signal_of(call->object);
	uint64_t bits = signal->bits, word = call->arguments->signal_bind_vcpu.word;
	struct capability *vcpu;
	status result = call_capability(call, 2, PURLIN_TYPE_VCPU, PURLIN_RIGHT_CONTROL, &vcpu);

	if (result != PURLIN_OK)
		return result;
	if (word >= PURLIN_EVENT_WORDS)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	/* A signal has one receiver: of two, neither would see all bits. */
	if (signal->vcpu || signal->thread || !list_empty(&signal->waiters))
		return call_refuse(1, PURLIN_BUSY);
	/* No reference: the vCPU's end takes it off its list (signal_forget). */
	signal->vcpu = thread_of(vcpu->object);
	signal->word = (unsigned int)word;
	list_append(&signal->vcpu->vcpu_signals, &signal->vcpu_link);
	/* What came before the binding is an event, too. */
	signal->bits = 0;
	signal_notify(signal, bits);
	return PURLIN_OK;
}

CALL_HANDLER(thread_bind_signal)
{
	struct thread *thread = thread_of(call->object);
	struct capability *found;
	struct signal *signal;
	status result = call_capability(call, 2, PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_READ, &found);

	if (result != PURLIN_OK)
		return result;
	signal = signal_of(found->object);
	if (signal->vcpu || (signal->thread && signal->thread != thread))
		return call_refuse(2, PURLIN_BUSY);
	if (thread->bound_signal)
		thread->bound_signal->thread = NULL;
	thread->bound_signal = signal;
	signal->thread = thread;
	/* Bits that came before the binding would otherwise wait until the next notification. */
	if (thread->state == THREAD_RECEIVING && signal->bits) {
		wake_receiver(thread, signal->bits);
		signal->bits = 0;
	}
	return PURLIN_OK;
}
