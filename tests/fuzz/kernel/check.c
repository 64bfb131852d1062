// SPDX-License-Identifier: MIT
/* Walks all kernel objects: charges, references, queues. */
#include "check.h"

#include "input.h"

#include "core/processor.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/endpoint.h"
#include "object/irq.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/signal.h"
#include "object/timer.h"

#define SEEN_MOST 1024 /* a power of two */
#define STATES (THREAD_STOPPED + 1)

static struct seen {
	struct object *object;
	uint32_t references;
	unsigned int round;
} seen[SEEN_MOST];
static unsigned int this_round;
/* Threads by state: as they say themselves, and as the queues have them. */
static unsigned int said[STATES], queued[STATES];

static struct seen *seen_of(struct object *object)
{
	size_t at = (uintptr_t)object / 64 * 0x9e3779b1u;
	struct seen *found;

	for (;; at++) {
		found = &seen[at % SEEN_MOST];
		if (found->round != this_round) {
			*found = (struct seen){ .object = object, .round = this_round };
			return found;
		}
		if (found->object == object)
			return found;
	}
}

void reference_seen(struct object *object)
{
	seen_of(object)->references++;
}

static void binding_check(const struct signal_binding *binding)
{
	if (binding->signal)
		reference_seen(&binding->signal->object);
}

static unsigned int list_check(const struct list *list)
{
	const struct list *link = list;
	unsigned int length = 0;

	do {
		MUST(link->next->previous == link);
		link = link->next;
		length++;
	} while (link != list);
	return length - 1;
}

/* All in the queue are threads in this state. */
static void queue_check(struct list *queue, unsigned int state)
{
	queued[state] += list_check(queue);
	list_for_each(link, queue) MUST(container_of(link, struct thread, link)->state == state);
}

static uint64_t capabilities_check(const struct capability_table *table)
{
	uint64_t pages = table->pages ? 1 : 0;

	for (unsigned int i = 0; table->pages && i < CAPABILITY_PAGES_MAX; i++) {
		const struct capability *page = table->pages[i];

		if (!page)
			continue;
		pages++;
		for (unsigned int j = 0; j < CAPABILITIES_PER_PAGE; j++) {
			if (!page[j].object)
				continue;
			reference_seen(page[j].object);
			MUST(!(page[j].rights & ~(uint32_t)PURLIN_RIGHT_ALL));
			MUST(i * CAPABILITIES_PER_PAGE + j < table->slots);
		}
	}
	return pages;
}

static uint64_t regions_check(struct pd *pd)
{
	uint64_t end = 0;
	unsigned int count = 0;

	list_check(&pd->regions);
	list_for_each(link, &pd->regions)
	{
		struct region *region = container_of(link, struct region, pd_link);

		MUST(region->pd == pd && region->pages && region->mapped <= region->pages);
		MUST(region->address >= end && region->address);
		end = region->address + region->pages * PAGE_SIZE;
		MUST(end > region->address && end <= ARCH_NATIVE_END);
		count++;
		if (!region->memory)
			continue;
		reference_seen(&region->memory->object);
		MUST(!region->memory->object.gone);
		MUST(region->offset + region->pages <= region->memory->pages);
	}
	MUST(count == pd->region_count);
	return 0;
}

static uint64_t pd_check(struct pd *pd)
{
	uint64_t pages = capabilities_check(&pd->capabilities);

	list_check(&pd->threads);
	list_for_each(link, &pd->threads)
	{
		MUST(container_of(link, struct thread, pd_link)->pd == pd);
	}
	for (const char *at = pd->name; *at; at++)
		MUST(*at >= ' ' && *at <= '~' && at < pd->name + PURLIN_NAME_BYTES);
	regions_check(pd);
	binding_check(&pd->watch);
	if (!pd->object.gone)
		model_pd_check(pd);
	return pages + model_space_pages(pd);
}

static void partners_check(const struct thread *thread)
{
	MUST((thread->state == THREAD_AWAITING_REPLY) == (thread->server != NULL));
	if (thread->server)
		MUST(thread->server->client == thread);
	if (thread->client)
		MUST(thread->client->server == thread);
	/* Only a client lends, and what it lent goes back with it. */
	if (!thread->client)
		MUST(thread->priority == thread->base_priority);
	if (thread->bound_signal)
		MUST(thread->bound_signal->thread == thread);
}

static uint64_t thread_check(struct thread *thread)
{
	if (thread->construction)
		reference_seen(thread->construction);
	if (thread->object.gone)
		return 0;
	said[thread->state]++;
	partners_check(thread);
	MUST(thread->pd->processors >> thread->cpu & 1);
	if (thread->state == THREAD_NEW || thread->state == THREAD_STOPPED ||
	    thread->state == THREAD_VCPU_WAITING)
		MUST(list_empty(&thread->link));
	return model_thread_pages(thread) + (thread->message_region ? 1 : 0);
}

static void signal_check(struct signal *signal)
{
	queue_check(&signal->waiters, THREAD_WAITING);
	if (signal->thread)
		MUST(signal->thread->bound_signal == signal);
	/* Nobody sleeps on what is there. */
	MUST(!signal->bits || list_empty(&signal->waiters) || signal->object.dead);
	if (signal->bits && signal->thread && !signal->object.dead)
		MUST(signal->thread->state != THREAD_RECEIVING);
}

static void endpoint_check(struct endpoint *endpoint)
{
	queue_check(&endpoint->callers, THREAD_CALLING);
	queue_check(&endpoint->served, THREAD_AWAITING_REPLY);
	queue_check(&endpoint->receivers, THREAD_RECEIVING);
	MUST(list_empty(&endpoint->receivers) || list_empty(&endpoint->callers));
	list_for_each(link, &endpoint->callers)
	{
		MUST(container_of(link, struct thread, link)->endpoint == endpoint);
	}
}

static uint64_t memory_check(struct memory *memory)
{
	list_check(&memory->regions);
	list_check(&memory->attachments);
	list_for_each(link, &memory->regions)
	{
		MUST(container_of(link, struct region, memory_link)->memory == memory);
	}
	if (memory->pins)
		reference_seen(&memory->object);
	/* A device may still reach it. */
	if (memory->pins && !memory->physical)
		MUST(memory->charged);
	if (memory->freed)
		MUST(list_empty(&memory->regions) && list_empty(&memory->attachments));
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
		binding_check(&container_of(object, struct irq, object)->binding);
		return 0;
	case PURLIN_TYPE_TIMER:
		binding_check(&container_of(object, struct timer, object)->binding);
		return 0;
	default:
		return model_object_pages(object);
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

		MUST(object->account == account && !object->gone);
		pages += object_check(object);
	}
	list_for_each(link, &account->remains)
	{
		struct object *object = container_of(link, struct object, siblings);

		MUST(object->account == account && object->gone && object->references);
		pages += object_check(object);
	}
	MUST(account->used == pages);
	MUST(account->used <= account->limit);
	return account->limit;
}

static void processor_check(struct processor *processor)
{
	for (unsigned int priority = 0; priority < PURLIN_PRIORITIES; priority++) {
		struct list *queue = &processor->queue[priority];

		queue_check(queue, THREAD_READY);
		MUST(list_empty(queue) == !(processor->ready >> priority & 1));
		list_for_each(link, queue)
		{
			struct thread *thread = container_of(link, struct thread, link);

			MUST(thread->priority == priority && thread->processor == processor);
			MUST(thread != processor->current);
		}
	}
	if (processor->current) {
		MUST(processor->current->state == THREAD_READY);
		MUST(processor->current->processor == processor);
		queued[THREAD_READY]++;
	}
}

static void references_check(void)
{
	for (unsigned int i = 0; i < SEEN_MOST; i++) {
		const struct seen *at = &seen[i];

		if (at->round == this_round)
			MUST(at->object->references == at->references);
	}
}

void objects_check(struct object *account, struct object *const *roots, unsigned int count)
{
	this_round++;
	memset(said, 0, sizeof(said));
	memset(queued, 0, sizeof(queued));
	object_check(account);
	for (unsigned int i = 0; i < count; i++)
		object_check(roots[i]);
	for (unsigned int cpu = 0; cpu < arch_cpu_count(); cpu++)
		processor_check(&processors[cpu]);
	for (unsigned int state = THREAD_READY; state <= THREAD_WAITING; state++)
		MUST(said[state] == queued[state]);
	references_check();
}
