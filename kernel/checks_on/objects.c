// SPDX-License-Identifier: MIT
/* Walks all kernel objects: charges, references, queues. pds.c looks into protection domains. */
#include "checks_on/objects.h"

#include "base/string.h"
#include "object/processor.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/endpoint.h"
#include "object/attachment.h"
#include "object/guest.h"
#include "object/irq.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/signal.h"
#include "object/timer.h"
#include "object/vcpu.h"

#define SEEN_MOST 32768	      /* a power of two: more than half of it is not used */
#define LINKS_MOST (1u << 24) /* of a list that ends */
#define STATES (THREAD_STOPPED + 1)

/* What this walk has met, by a hash of the address, and where that is. */
static struct seen {
	const struct object *object;
	uint32_t references;
	unsigned int round;
} seen[SEEN_MOST];
static uint16_t seen_at[SEEN_MOST / 2];
static unsigned int seen_count, this_round;
_Static_assert(SEEN_MOST <= 1 << 16, "an index fits");
/* Threads by state: as they say themselves, and as the queues have them. */
static unsigned int said[STATES], queued[STATES];

/* NULL: there are more objects than room. */
static struct seen *seen_of(const struct object *object)
{
	size_t at = (uintptr_t)object / 64 * 0x9e3779b1u;
	struct seen *found;

	for (;; at++) {
		found = &seen[at % SEEN_MOST];
		if (found->round == this_round && found->object == object)
			return found;
		if (found->round != this_round)
			break;
	}
	if (seen_count == SEEN_MOST / 2)
		return NULL;
	seen_at[seen_count++] = (uint16_t)(at % SEEN_MOST);
	*found = (struct seen){ .object = object, .round = this_round };
	return found;
}

void reference_seen(const struct object *object)
{
	struct seen *found = seen_of(object);

	if (found)
		found->references++;
}

void binding_check(const struct signal_binding *binding)
{
	if (binding->signal)
		reference_seen(&binding->signal->object);
}

unsigned int list_check(const struct list *list)
{
	const struct list *link = list;
	unsigned int length = 0;

	do {
		CHECK(link->next->previous == link && length < LINKS_MOST);
		link = link->next;
		length++;
	} while (link != list);
	return length - 1;
}

static uint32_t heap_rank(const struct timeout *heap)
{
	return heap ? heap->rank : 0;
}

/* Its place in the heap is right, as seen from there. */
void timeout_check(const struct timeout *timeout)
{
	const struct timeout *parent = timeout->parent;
	const struct timeout *child[] = { timeout->left, timeout->right };

	if (!timeout->set) {
		CHECK(!parent && !child[0] && !child[1]);
		return;
	}
	CHECK(!parent || parent->left == timeout || parent->right == timeout);
	CHECK(!parent || parent->deadline <= timeout->deadline);
	for (unsigned int i = 0; i < 2; i++)
		CHECK(!child[i] || (child[i]->parent == timeout && child[i]->set));
	CHECK(heap_rank(child[0]) >= heap_rank(child[1]));
	CHECK(timeout->rank == heap_rank(child[1]) + 1);
}

/* All in the queue are threads in this state. */
static void queue_check(struct list *queue, unsigned int state)
{
	queued[state] += list_check(queue);
	list_for_each(link, queue) CHECK(container_of(link, struct thread, link)->state == state);
}

static void partners_check(const struct thread *thread)
{
	CHECK((thread->state == THREAD_AWAITING_REPLY) == (thread->server != NULL));
	if (thread->server)
		CHECK(thread->server->client == thread);
	if (thread->client)
		CHECK(thread->client->server == thread);
	/* Only a client lends, and what it lent goes back with it. */
	if (!thread->client)
		CHECK(thread->priority == thread->base_priority);
	if (thread->bound_signal)
		CHECK(thread->bound_signal->thread == thread);
}

static void vcpu_signals_check(struct thread *thread)
{
	list_check(&thread->vcpu_signals);
	list_for_each(link, &thread->vcpu_signals)
	{
		CHECK(container_of(link, struct signal, vcpu_link)->vcpu == thread);
	}
}

static uint64_t thread_check(struct thread *thread)
{
	if (thread->call.progress.unfinished)
		reference_seen(thread->call.progress.unfinished);
	if (thread->object.gone)
		return 0;
	said[thread->state]++;
	partners_check(thread);
	vcpu_signals_check(thread);
	CHECK(thread->pd->processors >> thread->cpu & 1);
	if (thread->state == THREAD_NEW || thread->state == THREAD_STOPPED ||
	    thread->state == THREAD_VCPU_WAITING)
		CHECK(list_empty(&thread->link));
	return arch_check_thread(thread) + (thread->message_region ? 1 : 0);
}

static void signal_check(struct signal *signal)
{
	queue_check(&signal->waiters, THREAD_WAITING);
	CHECK(!signal->vcpu == list_empty(&signal->vcpu_link));
	if (signal->thread)
		CHECK(signal->thread->bound_signal == signal);
	/* Nobody sleeps on what is there. */
	CHECK(!signal->bits || list_empty(&signal->waiters) || signal->object.dead);
	if (signal->bits && signal->thread && !signal->object.dead)
		CHECK(signal->thread->state != THREAD_RECEIVING);
}

static void endpoint_check(struct endpoint *endpoint)
{
	queue_check(&endpoint->callers, THREAD_CALLING);
	queue_check(&endpoint->served, THREAD_AWAITING_REPLY);
	queue_check(&endpoint->receivers, THREAD_RECEIVING);
	CHECK(list_empty(&endpoint->receivers) || list_empty(&endpoint->callers));
	list_for_each(link, &endpoint->callers)
	{
		CHECK(container_of(link, struct thread, link)->endpoint == endpoint);
	}
}

/* Of one that is dying the line is closed, whatever it is bound to. */
static uint64_t irq_check(struct irq *irq)
{
	bool level = irq->flags & PURLIN_IRQ_LEVEL;
	bool closed = !irq->binding.signal || (level && (irq->masked || irq->unacked));

	binding_check(&irq->binding);
	binding_check(&irq->watch);
	CHECK(!irq->remembered || !level || irq->soft);
	CHECK(!irq->unacked || level);
	if (!irq->object.gone && !irq->soft)
		arch_check_irq(irq, closed || irq->object.dead);
	return 0;
}

static uint64_t memory_check(struct memory *memory)
{
	list_check(&memory->regions);
	list_check(&memory->attachments);
	list_for_each(link, &memory->regions)
	{
		CHECK(container_of(link, struct region, memory_link)->memory == memory);
	}
	list_for_each(link, &memory->attachments)
	{
		CHECK(container_of(link, struct attachment, memory_link)->memory == memory);
	}
	if (memory->pins)
		reference_seen(&memory->object);
	/* A device may still reach it. */
	if (memory->pins && !memory->physical)
		CHECK(memory->charged);
	if (memory->freed)
		CHECK(list_empty(&memory->regions) && list_empty(&memory->attachments));
	return memory_charged(memory);
}

static uint64_t account_check(struct account *account);

/* Returns the pages that its account pays for it, besides its slab. */
static uint64_t object_check(struct object *object)
{
	seen_of(object);
	switch (object->type) {
	case PURLIN_TYPE_ACCOUNT:
		return account_check(container_of(object, struct account, object));
	case PURLIN_TYPE_PD:
		return pd_check(container_of(object, struct pd, object));
	case PURLIN_TYPE_THREAD:
	case PURLIN_TYPE_VCPU:
		return thread_check(container_of(object, struct thread, object));
	case PURLIN_TYPE_ENDPOINT:
		endpoint_check(container_of(object, struct endpoint, object));
		return 0;
	case PURLIN_TYPE_SIGNAL:
		signal_check(container_of(object, struct signal, object));
		return 0;
	case PURLIN_TYPE_MEMORY:
		return memory_check(container_of(object, struct memory, object));
	case PURLIN_TYPE_IRQ:
		return irq_check(container_of(object, struct irq, object));
	case PURLIN_TYPE_TIMER:
		timeout_check(&container_of(object, struct timer, object)->timeout);
		binding_check(&container_of(object, struct timer, object)->binding);
		return 0;
	default:
		return arch_check_object(object);
	}
}

/* Its own use is right; the parent pays its limit. */
static uint64_t account_check(struct account *account)
{
	uint64_t pages = 0;

	list_check(&account->objects);
	list_check(&account->remains);
	for (unsigned int i = 0; i < SLAB_KINDS; i++)
		pages += list_check(&account->slabs[i]) + list_check(&account->full_slabs[i]);
	list_for_each(link, &account->objects)
	{
		struct object *object = container_of(link, struct object, siblings);

		CHECK(object->account == account && !object->gone);
		pages += object_check(object);
	}
	list_for_each(link, &account->remains)
	{
		struct object *object = container_of(link, struct object, siblings);

		CHECK(object->account == account && object->gone && object->references);
		pages += object_check(object);
	}
	CHECK(account->used == pages);
	CHECK(account->used <= account->limit);
	return account->limit;
}

static void ready_queue_check(struct processor *processor, unsigned int priority)
{
	struct list *queue = &processor->queue[priority];

	queue_check(queue, THREAD_READY);
	CHECK(list_empty(queue) == !(processor->ready >> priority & 1));
	list_for_each(link, queue)
	{
		const struct thread *thread = container_of(link, struct thread, link);

		CHECK(thread->priority == priority && thread->processor == processor);
		CHECK(thread != processor->current);
	}
}

static void current_check(const struct processor *processor)
{
	const struct thread *thread = processor->current;

	if (!thread)
		return;
	CHECK(thread->state == THREAD_READY && thread->processor == processor);
	partners_check(thread);
	queued[THREAD_READY]++;
}

static void processor_check(struct processor *processor)
{
	for (unsigned int priority = 0; priority < PURLIN_PRIORITIES; priority++)
		ready_queue_check(processor, priority);
	current_check(processor);
	timeout_check(&processor->slice);
}

void objects_check_some(struct processor *processor)
{
	static unsigned int next[CPU_MAX];

	ready_queue_check(processor, next[processor->cpu]++ % PURLIN_PRIORITIES);
	current_check(processor);
}

static void references_check(void)
{
	/* Of what there was no room for, references were not counted. */
	if (seen_count == SEEN_MOST / 2)
		return;
	for (unsigned int i = 0; i < seen_count; i++) {
		const struct seen *at = &seen[seen_at[i]];

		CHECK(at->object->references == at->references);
	}
}

void objects_check(struct object *account, struct object *const *roots, unsigned int count)
{
	this_round++;
	seen_count = 0;
	memset(said, 0, sizeof(said));
	memset(queued, 0, sizeof(queued));
	object_check(account);
	binding_check(&log_watcher);
	for (unsigned int i = 0; i < count; i++)
		object_check(roots[i]);
	for (unsigned int cpu = 0; cpu < arch_cpu_count(); cpu++)
		processor_check(&processors[cpu]);
	for (unsigned int state = THREAD_READY; state <= THREAD_WAITING; state++)
		CHECK(said[state] == queued[state]);
	references_check();
}
