/* SPDX-License-Identifier: MIT */
/*
 * Lets two programs take turns on one processor, for each pair of a native thread, a guest's kernel
 * and a guest's process: each has to find its own registers, and a vCPU at its start those of
 * nobody.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "compare.h"
#include "pair.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

extern const char guest_image[], guest_image_end[];

#define GUEST_SLOTS 128
#define GUEST_ACCOUNT_PAGES 200
#define PRIORITY 10
#define ENDED 1

enum kind { NATIVE, KERNEL, PROCESS, KINDS };
static const char *const kind_names[KINDS] = { "native", "kernel", "process" };

struct player {
	enum kind kind;
	struct seen pattern;
	struct pair_report *report;
	purlin_u64 ended;
	purlin_u64 thread;
	/* Guests: */
	purlin_u64 account, pd, vcpu, memory;
	void *ram;
};

static purlin_u64 word_memory;
static purlin_u64 *word;
static bool avx;

static void must(purlin_s64 result, const char *what)
{
	if (result)
		component_panic("crossing-pairs: %s gave %d", what, (int)result);
}

/* The processor has AVX, and the kernel has switched it on. */
static bool avx_there(void)
{
	purlin_u32 a = 1, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return c >> 27 & c >> 28 & 1;
}

static void attach(const struct player *guest, purlin_u64 address, purlin_u64 memory,
		   purlin_u64 pages)
{
	must(purlin_guest_attach(guest->pd, address, memory, 0, pages,
				 PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE),
	     "guest_attach");
	must(purlin_guest_map(guest->pd, PAIR_LINEAR_BASE + address, address, pages,
			      PURLIN_MAP_READ | PURLIN_MAP_WRITE),
	     "guest_map");
}

static void guest_memory(struct player *guest)
{
	must(memory_new_mapped(PAIR_RAM_PAGES, PURLIN_MEMORY_CONTIGUOUS, &guest->memory,
			       &guest->ram),
	     "memory");
	memcpy((char *)guest->ram + PAIR_IMAGE_ADDRESS, guest_image,
	       (size_t)(guest_image_end - guest_image));
	guest->report = (struct pair_report *)((char *)guest->ram + PAIR_REPORT_ADDRESS);
	attach(guest, 0, guest->memory, PAIR_RAM_PAGES);
	attach(guest, PAIR_WORD_ADDRESS, word_memory, 1);
	must(purlin_guest_map(guest->pd, PAIR_IMAGE_BASE, 0, PAIR_RAM_PAGES,
			      PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE),
	     "guest_map");
}

static void guest_make(struct player *guest)
{
	guest->account = slot_reserve();
	must(purlin_account_create(PURLIN_SLOT_ACCOUNT, guest->account, GUEST_ACCOUNT_PAGES),
	     "account_create");
	guest->pd = slot_reserve();
	guest->vcpu = slot_reserve();
	memset(message()->word, 0, PURLIN_NAME_BYTES);
	memcpy(message()->word, "guest", 5);
	must(purlin_pd_create(guest->account, guest->pd, GUEST_SLOTS, PURLIN_PD_GUEST,
			      PURLIN_PROCESSORS_OWN),
	     "pd_create");
	must(purlin_pd_watch(guest->pd, guest->ended, ENDED), "pd_watch");
	guest_memory(guest);
	must(purlin_vcpu_create(guest->pd, guest->vcpu, 0, PRIORITY), "vcpu_create");
	must(purlin_cap_copy(guest->pd, PURLIN_SLOT_PD, guest->pd, PURLIN_RIGHT_CONTROL, 0),
	     "cap_copy");
	must(purlin_cap_copy(guest->pd, PURLIN_SLOT_THREAD, guest->vcpu, PURLIN_RIGHT_CONTROL, 0),
	     "cap_copy");
}

static void guest_end(struct player *guest)
{
	memory_unmap(guest->ram);
	must(purlin_object_destroy(guest->memory), "object_destroy");
	must(purlin_object_destroy(guest->pd), "object_destroy");
	must(purlin_object_destroy(guest->account), "object_destroy");
	slot_delete(guest->account);
	slot_delete(guest->memory);
	slot_delete(guest->pd);
	slot_delete(guest->vcpu);
}

static void native_turns(void *argument)
{
	struct player *player = argument;

	turns_take(&player->report->turns);
	player->report->end = PAIR_DONE;
	purlin_signal_notify(player->ended, ENDED);
	purlin_thread_exit(0);
	__builtin_unreachable();
}

static void player_make(struct player *player, enum kind kind, unsigned int number)
{
	*player = (struct player){ .kind = kind, .ended = slot_reserve() };
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, player->ended), "signal_create");
	if (kind == NATIVE) {
		must(memory_new_mapped(PAIR_REPORT_PAGES, 0, &player->memory, &player->ram),
		     "memory");
		player->report = player->ram;
	} else {
		guest_make(player);
	}
	pattern_make(&player->pattern, number);
	player->report->turns.fill = player->pattern;
	memcpy(player->report->turns.operand[number & 1], player->pattern.fx + FX_ST7, 16);
	player->report->turns.odd = number & 1;
	player->report->turns.left = TURNS_ROUNDS;
}

static void player_start(struct player *player)
{
	struct turns *turns = &player->report->turns;

	if (player->kind != NATIVE) {
		must(purlin_vcpu_start(player->vcpu, PAIR_IMAGE_BASE + PAIR_IMAGE_ADDRESS, 0,
				       player->kind == PROCESS, avx),
		     "vcpu_start");
		return;
	}
	turns->word = (purlin_u64)word;
	turns->next = (purlin_u64)turns->seen;
	turns->avx = avx;
	must(thread_spawn(native_turns, player, 0, PRIORITY, &player->thread), "thread_spawn");
}

static void player_end(struct player *player)
{
	if (player->kind == NATIVE) {
		memory_unmap(player->ram);
		must(purlin_object_destroy(player->memory), "object_destroy");
		slot_delete(player->memory);
		slot_delete(player->thread);
	} else {
		guest_end(player);
	}
	slot_delete(player->ended);
}

static void tell(const char *who, const char *beside, const char *when, purlin_u32 wrong)
{
	char line[80];

	for (unsigned int i = 0; i < FIELDS; i++)
		if (wrong >> i & 1)
			printf("FAILED %s beside %s, %s: %s\n", who, beside, when, field_names[i]);
	snprintf(line, sizeof(line), "%s beside %s, %s", who, beside, when);
	check_equal(line, wrong, 0);
}

static void check_rounds(const struct player *player, const char *beside)
{
	const struct pair_report *report = player->report;
	struct seen wanted = player->pattern;
	purlin_u64 turns = report->turns.next - sizeof(struct turns);
	purlin_u32 wrong = 0;

	if (!avx)
		memset(wanted.high, 0, sizeof(wanted.high));
	wanted.registers[SEEN_NUMBER] = player->kind == NATIVE ? 0 : PAIR_NUMBER(report->turns.odd);
	wanted.registers[SEEN_R14] = report->turns.word;
	wanted.registers[SEEN_R15] = turns;
	wanted.environment[ENVIRONMENT_OPERAND] =
		(purlin_u32)(turns + TURNS_OPERAND +
			     sizeof(report->turns.operand[0]) * report->turns.odd);
	for (unsigned int i = 0; i < TURNS_ROUNDS; i++)
		wrong |= seen_differs(&report->turns.seen[i], &wanted);
	tell(kind_names[player->kind], beside, "after a turn of the other", wrong);
}

static void check_guest(const struct player *player, const char *beside)
{
	const struct pair_report *report = player->report;
	const char *name = kind_names[player->kind];
	struct seen wanted;

	if (player->kind == NATIVE)
		return;
	initial_make(&wanted, player->kind == PROCESS, avx);
	tell(name, beside, "at its start", seen_differs(&report->first, &wanted));
	if (player->kind == KERNEL)
		return;
	check_equal("process: GS base of the kernel after the system call", report->kernel_gs,
		    PAIR_KERNEL_GS(report->turns.odd));
	check_equal("process: GS base of the process then", report->user_gs,
		    PAIR_USER_GS(report->turns.odd));
}

static void check_player(const struct player *player, const char *beside)
{
	if (!check_equal("came to its end", player->report->end, PAIR_DONE)) {
		printf("vector %llx\n", (unsigned long long)player->report->vector);
		return;
	}
	check_rounds(player, beside);
	check_guest(player, beside);
}

static void play(enum kind first, enum kind second)
{
	struct player players[2];
	purlin_u64 bits;

	*word = 0;
	player_make(&players[0], first, 1);
	player_make(&players[1], second, 2);
	for (unsigned int i = 0; i < 2; i++)
		player_start(&players[i]);
	for (unsigned int i = 0; i < 2; i++)
		must(purlin_signal_wait(players[i].ended, &bits), "signal_wait");
	check_player(&players[0], kind_names[second]);
	check_player(&players[1], kind_names[first]);
	for (unsigned int i = 0; i < 2; i++)
		player_end(&players[i]);
}

int component_main(purlin_u64 argument)
{
	void *address;

	(void)argument;
	avx = avx_there();
	must(memory_new_mapped(1, 0, &word_memory, &address), "memory");
	word = address;
	for (enum kind first = 0; first < KINDS; first++)
		for (enum kind second = 0; second < KINDS; second++)
			play(first, second);
	return check_sum();
}
