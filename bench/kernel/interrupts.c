/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that wake a thread of another protection domain while this one computes. The thread
 * under way notes the time again and again: what is between its last note and the waiter's first
 * belongs to the interrupt.
 */
#include "clock.h"
#include "kernel_bench.h"
#include "partner.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define COUNT 50
#define DELAY 20000 /* ticks: long enough to be under way again */

purlin_u64 clock_irq, clock_ports;
static purlin_u64 timer;

void clock_claim(void)
{
	purlin_u64 session, id;

	bench_must(session_open("IO_PORT", "", &session), "IO_PORT");
	bench_must(io_port_claim(session, CLOCK_PORT, 2, &clock_ports, &id), "ports of the clock");
	bench_must(session_open("IRQ", "", &session), "IRQ");
	bench_must(irq_claim(session, CLOCK_LINE, 0, &clock_irq, &id), "line of the clock");
}

static purlin_u64 clock_wake(void)
{
	purlin_u64 ticks = 0;

	for (unsigned int i = 0; i < COUNT; i++) {
		purlin_u64 before = __atomic_load_n(&partner->woken, __ATOMIC_RELAXED);

		bench_must(clock_ack(clock_ports), "clock_ack");
		ticks += bench_interrupted(&partner->woken, before);
	}
	return ticks;
}

static purlin_u64 timer_wake(void)
{
	purlin_u64 ticks = 0;

	for (unsigned int i = 0; i < COUNT; i++) {
		purlin_u64 before = __atomic_load_n(&partner->woken, __ATOMIC_RELAXED);

		bench_must(purlin_timer_set(timer, bench_now() + DELAY, partner_signal, 1),
			   "timer_set");
		ticks += bench_interrupted(&partner->woken, before);
	}
	return ticks;
}

void bench_interrupts(void)
{
	timer = slot_reserve();
	bench_must(purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer), "timer_create");
	bench_run("timer-wake", timer_wake, COUNT);
	bench_must(purlin_irq_bind(clock_irq, partner_signal, 1), "irq_bind");
	bench_must(clock_tick(clock_ports, true), "clock_tick");
	bench_run("interrupt-wake", clock_wake, COUNT);
	bench_must(clock_tick(clock_ports, false), "clock_tick");
}
