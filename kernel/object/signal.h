/* SPDX-License-Identifier: MIT */
/* Signals: 64 bits that are or-ed in and taken out, waited for by threads or sent on to a vCPU. */
#ifndef OBJECT_SIGNAL_H
#define OBJECT_SIGNAL_H

#include "object/thread.h"

struct signal {
	struct object object;
	uint64_t bits;
	struct list waiters;   /* threads in signal_wait */
	struct thread *thread; /* bound: woken from endpoint_receive */
	struct thread *vcpu;   /* bound: bits go to its pending[word] */
	unsigned int word;
	struct list vcpu_link; /* of that thread's vcpu_signals */
};

status signal_kill(struct object *object);
/* Never blocks, works on dead ones (no effect). */
void signal_notify(struct signal *signal, uint64_t bits);
/* A thread or vCPU ends: undo its bindings, in rounds. */
status signal_forget(struct thread *thread);

static inline struct signal *signal_of(struct object *object)
{
	return container_of(object, struct signal, object);
}

/* The signal bound to a receiving thread has bits for it. */
static inline bool thread_signalled(const struct thread *thread)
{
	return thread->bound_signal && thread->bound_signal->bits;
}

/* A binding of something to (signal, bits), with its reference. A badge masks the bits. */
struct signal_binding {
	struct signal *signal; /* NULL: none */
	uint64_t bits;
};
extern struct signal_binding log_watcher; /* told when the log grows */
/*
 * For handlers: bind what one argument names, a signal with right WRITE, and the bits in the next
 * one. The signal bound before may end with it, which may take rounds: a refusal and CALL_RESTART
 * change nothing.
 */
status signal_bind(struct signal_binding *binding, const struct call *call, unsigned int argument);
status signal_unbind(struct signal_binding *binding);
static inline void signal_fire(const struct signal_binding *binding)
{
	if (binding->signal)
		signal_notify(binding->signal, binding->bits);
}

#endif
