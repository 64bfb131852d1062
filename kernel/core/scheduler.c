// SPDX-License-Identifier: MIT
/*
 * The scheduler. Each processor has a queue for each priority, and a word with a bit for each queue
 * that is not empty, so that the most urgent thread is found in a few instructions. The kernel lock
 * protects all of them: any processor may make a thread of another one ready.
 */
#include "object/scheduler.h"

#include "base/arch.h"
#include "object/processor.h"
#include "debug/log.h"
#include "object/pd.h"

struct processor processors[CPU_MAX];

/*
 * The timeout may have been set for a slice that another thread had before: only the time says
 * whether the present one is over. A look for nothing is cheaper than arming the timer anew at each
 * switch.
 */
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

/* `front`: its turn is not over yet, so it goes on before the others of its priority. */
static void enqueue(struct processor *processor, struct thread *thread, bool front, uint64_t now)
{
	struct list *queue = &processor->queue[thread->priority];

	thread->ready_since = now;
	/* The place in a queue matters only among equals. */
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

/*
 * A thread that is pushed aside keeps the rest of its slice. With a new slice each time, a thread
 * that is interrupted often would starve its equals; without the rest it would starve itself.
 */
static inline void put_back(struct processor *processor, uint64_t now)
{
	struct thread *thread = processor->current;

	thread->slice_left = 0;
	if (!processor->expired && processor->slice_end > now)
		thread->slice_left = processor->slice_end - now;
	enqueue(processor, thread, !processor->expired, now);
}

/* A slice needs an end only while somebody waits for it: else no timer interrupt comes at all. */
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

/*
 * The one place where a thread is chosen from the queues. Whoever changes a queue or a priority
 * only sets `reconsider`, so that many changes in one entry into the kernel cost one choice.
 */
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
	/* Its slice is over, but nobody waits: it gets the next one at once. */
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
	/* Before the choice, since it may make the reader of the log ready. */
	log_ring_deliver();
	if (!processor->current || processor->reconsider)
		choose(processor);
	if (processor->current != arch_current())
		trace(PURLIN_TRACE_SCHEDULE, "cpu %u: %s\n", processor->cpu,
		      processor->current ? processor->current->pd->name : "idle");
	return processor->current;
}

/* Have the choice made again, on whichever processor this is. */
static void reconsider(struct processor *processor)
{
	processor->reconsider = true;
	/* This processor chooses on its way out anyway; another one has to be interrupted. */
	if (processor->cpu != arch_cpu_id())
		arch_reschedule(processor->cpu);
}

/*
 * Nobody is as urgent as this thread, and it belongs to this processor: then it needs no queue. If
 * a choice is due anyway, `current` may be wrong and cannot be compared with.
 */
static inline bool wins(const struct processor *processor, const struct thread *thread)
{
	/* Another processor has to be told, which queue_up() does. */
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

	enqueue(processor, thread, front, arch_time());
	/* An equal may be the first to wait: then the slice that runs gets its end. */
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
			/* It may run on another processor now, which must stop running it. */
			processor->current = NULL;
			list_init(&thread->link); /* likewise: see thread_stop() */
			if (thread->cpu != arch_cpu_id())
				reconsider(processor);
		}
	}
	thread->state = (uint8_t)state;
}

void scheduler_yield(struct thread *thread)
{
	struct processor *processor = thread->processor;

	/*
	 * Treat it as if its slice were over: it goes behind its equals and gets a whole slice the
	 * next time.
	 */
	if (processor->current == thread)
		processor->expired = processor->reconsider = true;
}

bool scheduler_yield_to(struct thread *thread)
{
	struct processor *processor = thread->processor;
	struct thread *current = processor->current;

	/* Equals of one guest on one processor: the scheduler would choose either. */
	if (thread->state != THREAD_READY || !current || current == thread ||
	    current->pd != thread->pd || current->priority != thread->priority)
		return false;
	/*
	 * It leaves as at the end of its slice. The end of the slice stays where it is, so that
	 * equals get their turn in time.
	 */
	current->slice_left = thread->slice_left = 0;
	dequeue(processor, thread);
	enqueue(processor, current, false, arch_time());
	/* It may belong to another processor, which has to come in to change to it. */
	processor->current = thread;
	reconsider(processor);
	return true;
}

void scheduler_set_priority(struct thread *thread, unsigned int priority)
{
	struct processor *processor = thread->processor;

	if (thread->priority == priority)
		return;
	if (thread->state != THREAD_READY) {
		thread->priority = (uint8_t)priority;
	} else if (processor->current == thread) {
		/* It may have become less urgent than one that is ready. */
		thread->priority = (uint8_t)priority;
		reconsider(processor);
	} else {
		uint64_t since = thread->ready_since;

		/* The queue is found by the priority: out with the old one, in with the new. */
		dequeue(processor, thread);
		thread->priority = (uint8_t)priority;
		insert(processor, thread, false);
		thread->ready_since = since;
	}
}
