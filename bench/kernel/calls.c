/* SPDX-License-Identifier: MIT */
/* Calls, messages and signals. */
#include "kernel_bench.h"
#include "partner.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/slots.h"

#define COUNT 1000

static purlin_u64 own_signal;

/* A call that does not exist: into the kernel, to the dispatcher and back. */
static purlin_u64 null_call(void)
{
	purlin_u64 began = bench_now();

	for (unsigned int i = 0; i < COUNT; i++) {
		purlin_s64 status = -1;

		__asm__ volatile("syscall" : "+a"(status) : : "rcx", "r11", "memory");
	}
	return bench_now() - began;
}

static purlin_u64 signal_poll(void)
{
	purlin_u64 began = bench_now(), bits;

	for (unsigned int i = 0; i < COUNT; i++)
		purlin_signal_poll(own_signal, &bits);
	return bench_now() - began;
}

static purlin_u64 signal_self(void)
{
	purlin_u64 began = bench_now(), bits;

	for (unsigned int i = 0; i < COUNT; i++) {
		purlin_signal_notify(own_signal, 1);
		purlin_signal_wait(own_signal, &bits);
	}
	return bench_now() - began;
}

/* Until the waiter runs: it is more urgent, so it has been when notify returns. */
static purlin_u64 signal_wake(void)
{
	purlin_u64 ticks = 0;

	for (unsigned int i = 0; i < COUNT; i++) {
		purlin_u64 began = bench_now();

		purlin_signal_notify(partner_signal, 1);
		ticks += __atomic_load_n(&partner->woken, __ATOMIC_RELAXED) - began;
	}
	return ticks;
}

static purlin_u64 signal_round_trip(void)
{
	purlin_u64 began = bench_now();

	for (unsigned int i = 0; i < COUNT; i++)
		purlin_signal_notify(partner_signal, 1);
	return bench_now() - began;
}

static purlin_u64 exchange(unsigned int words)
{
	purlin_u64 info, began = bench_now();

	for (unsigned int i = 0; i < COUNT; i++)
		bench_must(purlin_endpoint_call(partner_endpoint, PURLIN_INFO(0, words, 0), &info),
			   "endpoint_call");
	return bench_now() - began;
}

static purlin_u64 exchange_empty(void)
{
	return exchange(0);
}

static purlin_u64 exchange_short(void)
{
	return exchange(4);
}

static purlin_u64 exchange_full(void)
{
	return exchange(PURLIN_MESSAGE_WORDS);
}

void bench_calls(void)
{
	own_signal = slot_reserve();
	bench_must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, own_signal), "signal_create");
	bench_run("null-call", null_call, COUNT);
	bench_run("signal-poll", signal_poll, COUNT);
	bench_run("signal-self", signal_self, COUNT);
	bench_run("signal-wake", signal_wake, COUNT);
	bench_run("signal-wake-and-back", signal_round_trip, COUNT);
	bench_run("ipc-0-words", exchange_empty, COUNT);
	bench_run("ipc-4-words", exchange_short, COUNT);
	bench_run("ipc-60-words", exchange_full, COUNT);
}
