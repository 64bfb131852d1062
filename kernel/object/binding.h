/* SPDX-License-Identifier: MIT */
/*
 * What notifies a signal: an interrupt, a timer, a PD's end. For them a header of its own, since
 * signals know the threads that wait for them (signal.c has the functions).
 */
#ifndef OBJECT_BINDING_H
#define OBJECT_BINDING_H

#include "base/call.h"

struct signal;

/* Some bits of a signal, with a reference to it. A badge masks the bits. */
struct signal_binding {
	struct signal *signal; /* NULL: none */
	uint64_t bits;
};
extern struct signal_binding log_watcher; /* told when the log grows (core/log_calls.c) */

/*
 * For handlers: bind what one argument names, a signal with right WRITE, and the bits in the next
 * one. The signal bound before may end with it, which may take rounds: a refusal and CALL_RESTART
 * change nothing.
 */
status signal_bind(struct signal_binding *binding, const struct call *call, unsigned int argument);
status signal_unbind(struct signal_binding *binding);

/* Never blocks, works on dead ones (no effect). */
void signal_notify(struct signal *signal, uint64_t bits);

static inline void signal_fire(const struct signal_binding *binding)
{
	if (binding->signal)
		signal_notify(binding->signal, binding->bits);
}

#endif
