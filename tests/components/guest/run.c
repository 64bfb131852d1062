/* SPDX-License-Identifier: MIT */
/* Runs the guest image in a PD of its own and prints what came out. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"
#include "crossing.h"
#include "report.h"
#include "run.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

extern const char guest_image[], guest_image_end[];

#define GUEST_SLOTS 256
#define GUEST_MANY_PAGES 600	/* two times 200 tables, and the rest */
#define GUEST_ACCOUNT_PAGES 200 /* less than the capability table can hold of spaces */
#define ENDED 1

unsigned int passed, failed;

void line(const char *name, bool ok, purlin_u64 got, purlin_u64 want)
{
	if (ok) {
		passed++;
		printf("ok %s\n", name);
	} else {
		failed++;
		printf("FAILED %s: got %llx, want %llx\n", name, (unsigned long long)got,
		       (unsigned long long)want);
	}
}

void must(purlin_s64 result, const char *what)
{
	if (result)
		component_panic("guest test: %s gave %d", what, (int)result);
}

static void signals_give(struct guest *guest)
{
	for (unsigned int word = 0; word < PURLIN_EVENT_WORDS; word++) {
		purlin_u64 signal = slot_reserve();

		must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal), "signal_create");
		must(purlin_signal_bind_vcpu(signal, guest->vcpu, word), "signal_bind_vcpu");
		must(purlin_cap_copy(guest->pd, PURLIN_SLOT_EVENTS + word, signal, PURLIN_RIGHT_ALL,
				     0),
		     "cap_copy");
		slot_delete(signal);
	}
}

void guest_make(struct guest *guest, enum guest_mode mode)
{
	void *ram;

	guest->account = slot_reserve();
	must(purlin_account_create(PURLIN_SLOT_ACCOUNT, guest->account,
				   mode == GUEST_MANY || mode == GUEST_SEVERAL ||
						   mode == GUEST_RACES ?
					   GUEST_MANY_PAGES :
					   GUEST_ACCOUNT_PAGES),
	     "account_create");
	guest->pd = slot_reserve();
	guest->vcpu = slot_reserve();
	guest->ended = slot_reserve();
	memset(message()->word, 0, PURLIN_NAME_BYTES);
	memcpy(message()->word, "guest", 5);
	must(purlin_pd_create(guest->account, guest->pd, GUEST_SLOTS, PURLIN_PD_GUEST,
			      PURLIN_PROCESSORS_OWN),
	     "pd_create");
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, guest->ended), "signal_create");
	must(purlin_pd_watch(guest->pd, guest->ended, ENDED), "pd_watch");
	must(memory_new_mapped(GUEST_RAM_PAGES, PURLIN_MEMORY_CONTIGUOUS, &guest->memory, &ram),
	     "memory");
	guest->ram = ram;
	memcpy(guest->ram + GUEST_IMAGE_ADDRESS, guest_image,
	       (size_t)(guest_image_end - guest_image));
	must(purlin_guest_attach(guest->pd, 0, guest->memory, 0, GUEST_RAM_PAGES,
				 PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE),
	     "guest_attach");
	must(purlin_guest_map(guest->pd, GUEST_LINEAR_BASE, 0, GUEST_RAM_PAGES,
			      PURLIN_MAP_READ | PURLIN_MAP_WRITE),
	     "guest_map");
	must(purlin_guest_map(guest->pd, GUEST_IMAGE_BASE, 0, GUEST_RAM_PAGES,
			      PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE),
	     "guest_map");
	must(purlin_vcpu_create(guest->pd, guest->vcpu, mode == GUEST_SPINS || mode == GUEST_WAITS,
				1),
	     "vcpu_create");
	signals_give(guest);
	must(purlin_cap_copy(guest->pd, PURLIN_SLOT_PD, guest->pd, PURLIN_RIGHT_CONTROL, 0),
	     "cap_copy");
	must(memory_new(PURLIN_SLOT_ACCOUNT, GUEST_MEMORY_PAGES, PURLIN_MEMORY_CONTIGUOUS,
			&guest->extra),
	     "memory");
	must(purlin_cap_copy(guest->pd, GUEST_SLOT_MEMORY, guest->extra, PURLIN_RIGHT_ALL, 0),
	     "cap_copy");
	must(purlin_cap_copy(guest->pd, PURLIN_SLOT_ACCOUNT, guest->account, PURLIN_RIGHT_ALL, 0),
	     "cap_copy");
	must(purlin_cap_copy(guest->pd, PURLIN_SLOT_THREAD, guest->vcpu,
			     PURLIN_RIGHT_CONTROL | PURLIN_RIGHT_WRITE, 0),
	     "cap_copy");
}

void guest_start(const struct guest *guest, enum guest_mode mode)
{
	must(purlin_vcpu_start(guest->vcpu, GUEST_IMAGE_BASE + GUEST_IMAGE_ADDRESS, 0, mode, 0),
	     "vcpu_start");
}

purlin_u64 guest_play(struct guest *guest, enum guest_mode mode, purlin_u64 *reason)
{
	purlin_u64 bits, state, address;

	guest_start(guest, mode);
	must(purlin_signal_wait(guest->ended, &bits), "signal_wait");
	must(purlin_pd_status(guest->pd, &state, reason, &address), "pd_status");
	return state;
}

static void slots_give_back(const struct guest *guest)
{
	slot_delete(guest->account);
	slot_delete(guest->memory);
	slot_delete(guest->extra);
	slot_delete(guest->pd);
	slot_delete(guest->vcpu);
	slot_delete(guest->ended);
}

void guest_forget(struct guest *guest)
{
	memory_unmap(guest->ram);
	must(purlin_object_destroy(guest->extra), "object_destroy");
	must(purlin_object_destroy(guest->memory), "object_destroy");
	slots_give_back(guest);
}

void guest_end(struct guest *guest)
{
	purlin_u64 type, rights, badge;

	memory_unmap(guest->ram);
	must(purlin_object_destroy(guest->extra), "object_destroy");
	line("destroying the guest's memory", purlin_object_destroy(guest->memory) == 0, 0, 0);
	line("destroying the guest", purlin_object_destroy(guest->pd) == 0, 0, 0);
	line("its vCPU is gone",
	     purlin_cap_info(guest->vcpu, &type, &rights, &badge) == PURLIN_DEAD, 0, 0);
	line("destroying its account", purlin_object_destroy(guest->account) == 0, 0, 0);
	slots_give_back(guest);
}

static purlin_u32 number(void)
{
	purlin_u32 aux;

	__asm__ volatile("rdtscp" : "=c"(aux) : : "rax", "rdx");
	return aux;
}

/* The guest has filled its registers at its end: here are those of before, or none. */
static void check_crossing(const struct crossing *seen, const double *operand)
{
	purlin_u32 own = (purlin_u32)(purlin_u64)operand,
		   last = seen->environment[CROSSING_OPERAND];

	line("crossing back: x87 operand", last == own || !last, last, own);
	line("crossing back: MXCSR", seen->mxcsr == 0x7fbf, seen->mxcsr, 0x7fbf);
	line("crossing back: XMM7", seen->xmm == 0x1234567812345678, seen->xmm, 0x1234567812345678);
}

/* The guest ended with a watchpoint at this address: here it must not stop anybody. */
static void check_watched(volatile purlin_u64 *word)
{
	for (unsigned int i = 0; i < 1000; i++)
		*word = *word + 1;
	line("watchpoints end with their vCPU", *word == 1000, *word, 1000);
}

void play_checks(enum guest_mode mode)
{
	static volatile purlin_u64 watched __attribute__((aligned(8)));
	struct crossing seen;
	double operand;
	struct guest guest;
	const struct report *report;
	purlin_u64 reason, state;

	guest_make(&guest, mode);
	((struct report *)(guest.ram + GUEST_REPORT_ADDRESS))->watched = (purlin_u64)&watched;
	crossing_fill(&operand);
	state = guest_play(&guest, mode, &reason);
	crossing_look(&seen);
	line("number: 0 for a native thread", number() == 0, number(), 0);
	if (mode == GUEST_CHECKS) {
		check_crossing(&seen, &operand);
		check_watched(&watched);
	}
	report = (const struct report *)(guest.ram + GUEST_REPORT_ADDRESS);
	for (unsigned int i = 0; i < report->lines && i < REPORT_LINES; i++) {
		if (mode == GUEST_MEASURE)
			printf("%s: %llu\n", report->line[i].name,
			       (unsigned long long)report->line[i].got);
		else
			line(report->line[i].name, report->line[i].got == report->line[i].want,
			     report->line[i].got, report->line[i].want);
	}
	line("the guest came to its end", report->done == 1 && state == 1, state, 1);
	guest_end(&guest);
}
