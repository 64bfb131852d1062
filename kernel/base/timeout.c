// SPDX-License-Identifier: MIT
/*
 * Timeouts: a leftist heap for each processor. Threads of any priority set and cancel timeouts with
 * the kernel lock held, so both must be short however many there are: a leftist heap takes
 * logarithmic time for either, and needs no memory besides the timeouts themselves.
 */
#include "base/timeout.h"

#include "base/arch.h"

/* How many expire with one timer interrupt. The rest follow at once with the next, so that a
 * device interrupt can come in between. */
#define EXPIRE_AT_ONCE 16

static struct timeout *heaps[CPU_MAX];
static uint64_t armed[CPU_MAX];

static uint32_t rank(const struct timeout *heap)
{
	return heap ? heap->rank : 0;
}

/*
 * The rank of a node is the length of its right spine, and the left child's is never smaller.
 * Restore this in one node; true if its rank changed, so that the parent has to be looked at, too.
 */
static bool balance(struct timeout *node)
{
	uint32_t old = node->rank;

	if (rank(node->left) < rank(node->right)) {
		struct timeout *left = node->left;

		node->left = node->right;
		node->right = left;
	}
	node->rank = rank(node->right) + 1;
	return node->rank != old;
}

/*
 * Walks down right spines only, which takes logarithmic time. A loop and parent pointers in place
 * of recursion: kernel stacks are small.
 */
static struct timeout *merge(struct timeout *a, struct timeout *b)
{
	struct timeout *top = NULL, *last = NULL;

	while (a && b) {
		if (b->deadline < a->deadline) {
			struct timeout *other = a;

			a = b;
			b = other;
		}
		a->parent = last;
		if (last)
			last->right = a;
		else
			top = a;
		last = a;
		a = a->right;
	}
	if (!a)
		a = b;
	if (!last)
		return a;
	last->right = a;
	if (a)
		a->parent = last;
	for (; last; last = last->parent)
		balance(last);
	return top;
}

static void take_out(struct timeout *timeout)
{
	struct timeout *parent = timeout->parent;
	struct timeout *rest = merge(timeout->left, timeout->right);

	/* The children, merged, take its place; ranks above change until one stays as it was. */
	if (rest)
		rest->parent = parent;
	if (!parent)
		heaps[timeout->cpu] = rest;
	else if (parent->left == timeout)
		parent->left = rest;
	else
		parent->right = rest;
	while (parent && balance(parent))
		parent = parent->parent;
	timeout->parent = timeout->left = timeout->right = NULL;
	timeout->set = false;
}

/*
 * Only this processor's own hardware timer can be armed. If the first timeout of another processor
 * was cancelled, its timer fires for nothing, which is cheaper than a message to it.
 */
static void arm(unsigned int cpu)
{
	uint64_t first = heaps[cpu] ? heaps[cpu]->deadline : TIMEOUT_NEVER;

	if (cpu != arch_cpu_id() || first == armed[cpu])
		return;
	armed[cpu] = first;
	arch_timer_arm(first);
}

void timeout_set(struct timeout *timeout, uint64_t deadline)
{
	unsigned int cpu = arch_cpu_id();

	if (timeout->set)
		take_out(timeout);
	if (deadline != TIMEOUT_NEVER) {
		timeout->deadline = deadline;
		timeout->cpu = (uint16_t)cpu;
		timeout->rank = 1;
		timeout->set = true;
		heaps[cpu] = merge(heaps[cpu], timeout);
		heaps[cpu]->parent = NULL;
	}
	arm(cpu);
}

void timeout_cancel(struct timeout *timeout)
{
	unsigned int cpu = timeout->cpu;

	if (!timeout->set)
		return;
	take_out(timeout);
	arm(cpu);
}

void timeout_expired(void)
{
	unsigned int cpu = arch_cpu_id();
	uint64_t now = arch_time();

	for (unsigned int i = 0; i < EXPIRE_AT_ONCE; i++) {
		struct timeout *first = heaps[cpu];

		if (!first || first->deadline > now)
			break;
		take_out(first);
		first->function(first);
	}
	/* The hardware timer is one-shot: it has to be armed again even for the same time. */
	armed[cpu] = TIMEOUT_NEVER;
	arm(cpu);
}
