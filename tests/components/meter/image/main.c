/* SPDX-License-Identifier: MIT */
/*
 * A guest that init takes for a Linux. It finds its Meter sessions in the device tree as a driver
 * of Linux would: by "compatible", with the label, the shared memory, and both signals.
 */
#include <stdbool.h>

#include "../meter.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"

#define LINEAR_MAP 0xffff888000000000ull
#define IMAGE_MAP 0xffffffff80000000ull
#define SHARED_MAP 0xffffa00000000000ull
#define METERS 2

/* Devicetree Specification 0.4, 5.2 and 5.4. */
enum { BEGIN_NODE = 1, END_NODE, PROPERTY, NOP };
#define STRUCTURE 2 /* words of the header */
#define STRINGS 3

void guest_main(purlin_u64 tree);
void guest_stuck(void);

struct node {
	const unsigned int *reg;
	purlin_u64 notify, event;
	bool is_meter;
};

static struct purlin_vcpu_state state __attribute__((aligned(4096)));

static unsigned int cell(const unsigned int *at)
{
	return __builtin_bswap32(*at);
}

static bool equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static void take_property(struct node *node, const char *name, const unsigned int *value)
{
	if (equal(name, "compatible"))
		node->is_meter = equal((const char *)value, "purlin,meter");
	else if (equal(name, "reg"))
		node->reg = value;
	else if (equal(name, "purlin,notify"))
		node->notify = cell(value);
	else if (equal(name, "purlin,event"))
		node->event = cell(value);
}

/* The next node for a meter, from `*at` on. A node's properties come before its children. */
static bool next_meter(const unsigned int *tree, const unsigned int **at, struct node *node)
{
	const char *strings = (const char *)tree + cell(&tree[STRINGS]);
	const unsigned int *token = *at;

	for (;;) {
		unsigned int kind = cell(token++);

		if (kind == BEGIN_NODE) {
			const char *name = (const char *)token;

			while (*name)
				name++;
			token += (name - (const char *)token) / 4 + 1;
			*node = (struct node){ 0 };
		} else if (kind == PROPERTY) {
			take_property(node, strings + cell(&token[1]), &token[2]);
			token += 2 + (cell(&token[0]) + 3) / 4;
		} else if (kind == END_NODE && node->is_meter && node->reg) {
			*at = token;
			return true;
		} else if (kind != END_NODE && kind != NOP) {
			return false;
		}
	}
}

/* The bill has to come with the session's own event. */
static void await(const volatile struct meter_shared *shared, purlin_u64 event)
{
	while (!shared->bill)
		purlin_vcpu_wait();
	if (shared->bill != METER_BILL(shared->reading) ||
	    !(__atomic_load_n(&state.pending[event / 64], __ATOMIC_RELAXED) >> event % 64 & 1))
		guest_stuck();
}

static void use(const struct node *node, purlin_u64 number)
{
	purlin_u64 gpa = (purlin_u64)cell(&node->reg[0]) << 32 | cell(&node->reg[1]);
	purlin_u64 bytes = (purlin_u64)cell(&node->reg[2]) << 32 | cell(&node->reg[3]);
	purlin_u64 at = SHARED_MAP + number * METER_PAGES * 4096;
	volatile struct meter_shared *shared = (volatile struct meter_shared *)at;

	if (bytes != METER_PAGES * 4096 || purlin_guest_map(PURLIN_SLOT_PD, at, gpa, METER_PAGES,
							    PURLIN_MAP_READ | PURLIN_MAP_WRITE))
		guest_stuck();
	shared->reading = 100 + number;
	purlin_signal_notify(node->notify, ~0ull);
	await(shared, node->event);
	shared->paid = 1;
	purlin_signal_notify(node->notify, ~0ull);
}

void guest_main(purlin_u64 gpa)
{
	const unsigned int *tree = (const unsigned int *)(LINEAR_MAP + gpa);
	const unsigned int *at = tree + cell(&tree[STRUCTURE]) / 4;
	struct node node = { 0 };
	purlin_u64 number = 0;

	if (purlin_vcpu_configure(PURLIN_SLOT_THREAD, (purlin_u64)&state - IMAGE_MAP,
				  (purlin_u64)guest_stuck, (purlin_u64)guest_stuck, 0))
		guest_stuck();
	while (number < METERS && next_meter(tree, &at, &node))
		use(&node, number++);
	for (;;)
		purlin_vcpu_wait();
}
