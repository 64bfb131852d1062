/* SPDX-License-Identifier: MIT */
/*
 * Who runs: 64 priorities, round robin with time slices among equals, one set of queues for
 * each processor; threads stay on theirs.
 *
 * A thread is ready (state THREAD_READY) when it is the `current` of its processor or in one of
 * its queues. No switch happens inside the kernel: on every way out the arch part looks who is
 * `current` now, or asks scheduler_pick() (processor_has_to_choose()).
 */
#ifndef OBJECT_SCHEDULER_H
#define OBJECT_SCHEDULER_H

#include "base/types.h"

struct processor;
struct thread;

#define SCHEDULER_SLICE_US 10000 /* unless thread_schedule said otherwise */

void scheduler_init(void);
struct processor *scheduler_processor(unsigned int cpu);

/*
 * The thread this processor has to run now; NULL: idle. When it differs from the one before,
 * the arch part saves the old one's registers before it lets go of
 * the kernel lock: after that the old one may be freed at any time.
 */
struct thread *scheduler_pick(struct processor *processor);

/* Make a thread that is not ready runnable. */
void scheduler_ready(struct thread *thread);
/* The same, before others of its priority. */
void scheduler_ready_first(struct thread *thread);
/* Take it away from the processor into another state (enum thread_state). */
void scheduler_block(struct thread *thread, unsigned int state);
/* The running thread lets its equals go first. */
void scheduler_yield(struct thread *thread);
/*
 * A vCPU of the same guest and priority that runs on this one's processor gives it the rest of its
 * slice. False: this one is not ready or runs already, or another thread runs there.
 */
bool scheduler_yield_to(struct thread *thread);
void scheduler_set_priority(struct thread *thread, unsigned int priority);

#endif
