/* SPDX-License-Identifier: MIT */
/*
 * Calls that hold a lock of their own, not the kernel's, beside calls that take away what they use:
 * a short batch and a short switch of one vCPU, while another one removes the page, the right, the
 * memory or the space. Whichever comes first, nothing is left of it when both have returned.
 *
 * The moments that count are a few instructions long: over kernels that make them longer, and lack
 * one lock each, these checks fail (tests/suites/locks.py).
 */
#include "several.h"
#include <stdbool.h>

#include "image.h"
#include "purlin/boot.h"

#define ROUNDS 32
#define STEPS 8 /* the other one comes further by so many steps, then not so far again */
#define STEP 40u
#define ENTRY 511 /* of the guest's table, for PAGE */
#define VALUE 4711

/* Turns: the conductor's, how far the other one is in it, and what that has found. */
static purlin_u64 turn, begun, done, found;

static void entry_set(purlin_u64 entry)
{
	store(&frame_of(TABLE)[ENTRY], entry);
}

static void note_page(void)
{
	several_note(PAGE | PURLIN_BATCH_TABLE, TABLE + ENTRY * sizeof(purlin_u64));
}

static bool turn_await(const struct area *area)
{
	while (load(&turn) == load(&done))
		if (load(&area->stop))
			return false;
	return true;
}

static void turn_begin(void)
{
	store(&turn, turn + 1);
	while (load(&begun) != turn)
		;
}

static void turn_end(void)
{
	while (load(&done) != turn)
		;
}

/*
 * The other vCPU has just begun: let it come further in one round than in another. Each second time
 * the steps grow fourfold, to milliseconds: on an emulator whose processors share one, the other
 * may not have had it for so long.
 */
static void linger(unsigned int round)
{
	unsigned int step = round / 2 % STEPS;
	unsigned int count = round % 2 ? STEP << (2 * step) : STEP * step;

	for (unsigned int i = 0; i < count; i++)
		__asm__ volatile("");
}

/* As after a page fault: one note, and the switch to the space that it is in already. */
static void fill(struct area *area)
{
	while (turn_await(area)) {
		note_page();
		store(&begun, turn);
		purlin_vcpu_switch(SPACE);
		store(&done, turn);
	}
}

/* So that the other one knows table and memory, as the short way wants it. */
static void warm(purlin_u64 entry)
{
	entry_set(entry);
	turn_begin();
	turn_end();
	entry_set(0);
	note_page();
	purlin_vcpu_apply();
	entry_set(entry);
}

static void take_page(void)
{
	entry_set(0);
	note_page();
	purlin_vcpu_apply();
}

static void take_right(void)
{
	entry_set((FRAMES + 0x1000) | HELD);
	note_page();
	purlin_vcpu_apply();
}

/* The tables go with it, and their pages become tables again. */
static void take_memory(void)
{
	entry_set(0);
	purlin_guest_detach(PURLIN_SLOT_PD, EXTRA);
	several_note((PAGE + 0x2000) | PURLIN_BATCH_MAP, (FRAMES + 0x2000) | RW);
	purlin_vcpu_apply();
}

static void check_page(const char *name, purlin_u64 entry, void (*take)(void), bool writes)
{
	purlin_u64 left = 0;

	several_call(fill);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		if (take == take_memory)
			purlin_guest_attach(PURLIN_SLOT_PD, EXTRA, GUEST_SLOT_MEMORY, 0,
					    GUEST_MEMORY_PAGES, RW);
		warm(entry);
		turn_begin();
		linger(round);
		take();
		turn_end();
		if (writes)
			left += several_store(PAGE, VALUE) != NOTHING;
		else
			left += several_load(PAGE) != NOTHING;
	}
	several_stop();
	check(name, left, 0);
}

/* To a space where it was before, which ends. */
static void enter(struct area *area)
{
	while (turn_await(area)) {
		purlin_vcpu_switch(OTHER_SPACE);
		purlin_vcpu_switch(SPACE);
		store(&begun, turn);
		purlin_vcpu_switch(OTHER_SPACE);
		store(&found, several_load(PAGE));
		store(&done, turn);
	}
}

/* What the space was made of is at once another one's, which has a page there. */
static void check_space(void)
{
	const purlin_u64 heir = OTHER_SPACE + 1;
	purlin_u64 left = 0;

	several_call(enter);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		turn_begin();
		linger(round);
		purlin_object_destroy(OTHER_SPACE);
		purlin_space_create(PURLIN_SLOT_PD, heir);
		several_process_make(heir);
		turn_end();
		left += found != NOTHING;
		purlin_object_destroy(heir);
		purlin_cap_delete(PURLIN_SLOT_PD, heir);
		purlin_cap_delete(PURLIN_SLOT_PD, OTHER_SPACE);
		purlin_space_create(PURLIN_SLOT_PD, OTHER_SPACE);
	}
	several_stop();
	check("a space ends beside a short switch", left, 0);
}

void races(void)
{
	const purlin_u64 entry = (FRAMES + 0x1000) | HELD | PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY;

	several_prepare();
	purlin_vcpu_switch(SPACE);
	check_page("a page goes beside a short batch", entry, take_page, false);
	check_page("a right goes beside a short batch", entry, take_right, true);
	take_page();
	check_page("memory goes beside a short batch", EXTRA | HELD, take_memory, false);
	check_space();
}
