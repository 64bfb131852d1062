/* SPDX-License-Identifier: MIT */
/* Signals: 64 bits that are or-ed in and taken out, waited for by threads or sent on to a vCPU. */
#ifndef OBJECT_SIGNAL_H
#define OBJECT_SIGNAL_H

#include "object/object.h"

struct thread;

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
/* For pending[word] of a vCPU; wakes or interrupts it (vcpu.c). */
void vcpu_event(struct thread *vcpu, unsigned int word, uint64_t bits);
/* A thread or vCPU ends: undo its bindings, in rounds. */
status signal_forget(struct thread *thread);

OBJECT_OF(signal)

#endif
