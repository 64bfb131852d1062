// SPDX-License-Identifier: MIT
/* The scheduler: per processor a queue for each priority and a map of those that are not empty. */
#include "object/scheduler.h"

#include "base/arch.h"
#include "object/processor.h"
#include "debug/log.h"
#include "object/pd.h"

struct processor processors[CPU_MAX];

static void slice_over(struct timeout *timeout)
{
	struct processor *processor = container_of(timeout, struct processor, slice);

	processor->expired = processor->slice_end <= arch_time();
	processor->reconsider = true;
}

void scheduler_init(void)
{
	for (unsigned int cpu = 0; cpu < CPU_MAX; cpu++) {
		processors[cpu].cpu = cpu;
		processors[cpu].slice.function = slice_over;
		for (unsigned int i = 0; i < PURLIN_PRIORITIES; i++)
			list_init(&processors[cpu].queue[i]);
	}
}

struct processor *scheduler_processor(unsigned int cpu)
{
	return &processors[cpu];
}

/* Of a processor with ready threads. */
static unsigned int highest(const struct processor *processor)
{
	return 63 - (unsigned int)__builtin_clzll(processor->ready);
}

static void enqueue(struct processor *processor, struct thread *thread, bool front)
{
	struct list *queue = &processor->queue[thread->priority];

	if (front)
		list_prepend(queue, &thread->link);
	else
		list_append(queue, &thread->link);
	processor->ready |= 1ull << thread->priority;
}

static void dequeue(struct processor *processor, struct thread *thread)
{
	list_remove(&thread->link);
	if (list_empty(&processor->queue[thread->priority]))
		processor->ready &= ~(1ull << thread->priority);
}

static bool equal_waits(const struct processor *processor)
{
	return processor->current && (processor->ready >> processor->current->priority & 1);
}

static inline void put_back(struct processor *processor, uint64_t now)
{
	struct thread *thread = processor->current;

	thread->slice_left = 0;
	if (!processor->expired && processor->slice_end > now)
		thread->slice_left = processor->slice_end - now;
	enqueue(processor, thread, !processor->expired);
}

static void slice_watch(struct processor *processor)
{
	if (equal_waits(processor) && !processor_slice_watched(processor))
		timeout_set(&processor->slice, processor->slice_end);
}

/* A thread that is in no queue runs next. */
static inline void take(struct processor *processor, struct thread *thread, uint64_t now)
{
	processor->current = thread;
	processor->expired = false;
	processor->slice_end = now + (thread->slice_left ? thread->slice_left : thread->slice);
	thread->slice_left = 0;
}

static void take_first(struct processor *processor)
{
	struct thread *thread =
		list_first(&processor->queue[highest(processor)], struct thread, link);

	dequeue(processor, thread);
	take(processor, thread, arch_time());
	slice_watch(processor);
}

/* The one that runs has to go: another is more urgent, or its slice is over and an equal waits. */
static bool outrun(const struct processor *processor)
{
	unsigned int best = processor->ready ? highest(processor) : 0;
	unsigned int own = processor->current->priority;

	return processor->ready && (best > own || (best == own && processor->expired));
}

static void choose(struct processor *processor)
{
	processor->reconsider = false;
	if (processor->current && outrun(processor)) {
		put_back(processor, arch_time());
		processor->current = NULL;
	}
	if (!processor->current && processor->ready) {
		take_first(processor);
		return;
	}
	if (processor->current && processor->expired)
		processor->slice_end = arch_time() + processor->current->slice;
	processor->expired = false;
	if (processor->current)
		slice_watch(processor);
	else
		timeout_cancel(&processor->slice);
}

struct thread *scheduler_pick(struct processor *processor)
{
	log_ring_deliver();
	if (!processor->current || processor->reconsider)
		choose(processor);
	if (processor->current != arch_current())
		trace(PURLIN_TRACE_SCHEDULE, "cpu %u: %s\n", processor->cpu,
		      processor->current ? processor->current->pd->name : "idle");
	return processor->current;
}

/* Look at the choice again, on whichever processor. */
static void reconsider(struct processor *processor)
{
	processor->reconsider = true;
	if (processor->cpu != arch_cpu_id())
		arch_reschedule(processor->cpu);
}

/* Nobody is as urgent as this thread, and this processor is the one to see to it. */
static inline bool wins(const struct processor *processor, const struct thread *thread)
{
	if (processor->reconsider || processor->cpu != arch_cpu_id())
		return false;
	if (processor->current)
		return processor->current->priority < thread->priority;
	return !(processor->ready >> thread->priority);
}

/* No equal waits, so its slice needs no end. */
static inline void take_at_once(struct processor *processor, struct thread *thread)
{
	uint64_t now = arch_time();

	if (processor->current)
		put_back(processor, now);
	take(processor, thread, now);
}

static __attribute__((noinline)) void queue_up(struct processor *processor, struct thread *thread,
					       bool front)
{
	const struct thread *current = processor->current;

	enqueue(processor, thread, front);
	if (!current || current->priority < thread->priority ||
	    (current->priority == thread->priority && !processor_slice_watched(processor)))
		reconsider(processor);
}

static inline void insert(struct processor *processor, struct thread *thread, bool front)
{
	if (wins(processor, thread))
		take_at_once(processor, thread);
	else
		queue_up(processor, thread, front);
}

void scheduler_ready(struct thread *thread)
{
	thread->state = THREAD_READY;
	insert(thread->processor, thread, false);
}

void scheduler_ready_first(struct thread *thread)
{
	thread->state = THREAD_READY;
	insert(thread->processor, thread, true);
}

void scheduler_block(struct thread *thread, unsigned int state)
{
	struct processor *processor = thread->processor;

	if (thread->state == THREAD_READY) {
		if (processor->current != thread) {
			dequeue(processor, thread);
		} else {
			processor->current = NULL;
			if (thread->cpu != arch_cpu_id())
				reconsider(processor);
		}
	}
	thread->state = (uint8_t)state;
}

void scheduler_yield(struct thread *thread)
{
	struct processor *processor = thread->processor;

	if (processor->current == thread)
		processor->expired = processor->reconsider = true;
}

void scheduler_set_priority(struct thread *thread, unsigned int priority)
{
	struct processor *processor = thread->processor;

	if (thread->priority == priority)
		return;
	if (thread->state != THREAD_READY) {
		thread->priority = (uint8_t)priority;
	} else if (processor->current == thread) {
		thread->priority = (uint8_t)priority;
		reconsider(processor);
	} else {
		dequeue(processor, thread);
		thread->priority = (uint8_t)priority;
		insert(processor, thread, false);
	}
}
