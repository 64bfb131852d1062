/* SPDX-License-Identifier: MIT */
/* Checks of alerts, and of what a vCPU learns about itself. */
#include "image.h"
#include "purlin/boot.h"

#define NUMBER 0x5123

extern const char user_ud2[], user_spin[], user_number[];
/* Raises the alert inside a range of its own, and returns how often it has come until the end of
 * it. */
purlin_u64 alert_in_range(purlin_u64 vcpu, const purlin_u64 *count);
extern const char alert_in_range_end[];

static void raise(void)
{
	purlin_vcpu_alert(PURLIN_SLOT_THREAD);
}

static void check_kernel_mode(void)
{
	last.count = 0;
	check("alert: raised", (purlin_u64)purlin_vcpu_alert(PURLIN_SLOT_THREAD), 0);
	check("alert: comes with events disabled", last.count, 1);
	check("  vector", last.vector, PURLIN_VECTOR_ALERT);
	check("  from kernel", last.from_user, 0);
	check("  flags: events were disabled", last.rflags & IF, 0);
	check("  masked", state.alert_masked, 1);
	check("  not pending", state.alert_pending, 0);
	raise();
	check("alert: none while masked", last.count, 1);
	check("  but pending", state.alert_pending, 1);
	state.alert_masked = 0;
	purlin_vcpu_apply();
	check("alert: comes after that", last.count, 2);
	state.alert_masked = 0;

	state.events_enabled = 1;
	raise();
	check("alert: with events enabled", last.count, 3);
	check("  flags: events were enabled", last.rflags & IF, IF);
	check("  enabled again", state.events_enabled, 1);
	state.events_enabled = 0;
	state.alert_masked = 0;
}

/* Masked and raised again: a wait must not end for that, but the timer's event ends it. */
static void check_wait(void)
{
	raise();
	raise();
	state.deadline = now() + 3000000;
	purlin_vcpu_deadline();
	purlin_vcpu_wait();
	check("alert: a masked one does not end a wait", state.events_pending, 1);
	state.events_pending = 0;
	last.count = 0;
	state.alert_masked = 0;
	purlin_vcpu_apply();
	check("alert: and comes after that", last.count, 1);
	state.alert_masked = 0;
}

static void check_critical_range(void)
{
	state.critical_start = (purlin_u64)alert_in_range;
	state.critical_end = (purlin_u64)alert_in_range_end;
	last.count = 0;
	check("alert: not in the critical range", alert_in_range(PURLIN_SLOT_THREAD, &last.count),
	      0);
	while (!__atomic_load_n(&last.count, __ATOMIC_RELAXED))
		;
	check("alert: but after it", last.vector, PURLIN_VECTOR_ALERT);
	state.critical_start = state.critical_end = 0;
	state.alert_masked = 0;
}

/* Both ways into user mode look, and an event comes after the alert. */
static void check_user_mode(purlin_u64 call)
{
	state.alert_masked = 1;
	raise();
	purlin_signal_notify(PURLIN_SLOT_EVENTS, 1);
	state.alert_masked = 0;
	run(call, program(user_ud2), IF);
	check("alert: before the first instruction", state.frame.vector, PURLIN_VECTOR_ALERT);
	check("  rip", state.frame.rip, program(user_ud2));
	check("  from user", state.frame.from_user, 1);
	run(call, state.frame.rip, IF);
	check("  then the event", state.frame.vector, PURLIN_VECTOR_EVENT);
	state.events_pending = 0;
	run(call, state.frame.rip, IF);
	check("  then the program", state.frame.vector, 6);
	state.alert_masked = 0;
}

static void check_self(void)
{
	state.number = NUMBER;
	configure_again();
	run(RESUME_USER, program(user_number), IF);
	check("number: by RDTSCP", user_registers[RBX], NUMBER);
	check("running: 1 for oneself", state.running, 1);
	check("yield to oneself", (purlin_u64)purlin_vcpu_yield_to(PURLIN_SLOT_THREAD),
	      (purlin_u64)PURLIN_AGAIN);
}

void check_alerts(void)
{
	check_kernel_mode();
	check_wait();
	check_critical_range();
	check_user_mode(RESUME_USER);
	check_user_mode(RESUME_SYSCALL);
	check_self();
}
