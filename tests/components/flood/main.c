/* SPDX-License-Identifier: MIT */
/* Causes line after line in the logs of others, and restart after restart. */
#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/control.h"
#include "session/parent.h"

#define TIMES 2000
#define MOST_BYTES 12000 /* 20 lines, one more each second, and those about the dropped ones */
#define ACTS 10
#define MOST_AGAIN (16 + 20) /* restarts: as described, and those forgiven at once */

/* Where the log ends. */
static purlin_u64 log_end(void)
{
	static purlin_u64 sequence;
	purlin_u64 bytes, next;

	while (!purlin_log_read(PURLIN_SLOT_LOG, sequence, &bytes, &next) && bytes)
		sequence = next;
	return sequence;
}

static void flood_init(void)
{
	purlin_u64 session, begin = log_end();

	for (unsigned int i = 0; i < TIMES; i++)
		(void)session_open("Nope", "", &session);
	for (unsigned int i = 0; i < TIMES; i++)
		(void)session_announce("Nope", PURLIN_SLOT_PARENT);
	check_true("init keeps to a budget", log_end() - begin < MOST_BYTES);
}

static void flood_core(void)
{
	purlin_u64 session, object, id, begin = log_end();

	check_status("IO_PORT", session_open("IO_PORT", "", &session), PURLIN_OK);
	for (unsigned int i = 0; i < TIMES; i++)
		(void)io_port_claim(session, 0x60, 1, &object, &id);
	check_true("core keeps to a budget", log_end() - begin < MOST_BYTES);
}

/* The platform component refuses what is not trusted, and says so; so do device and BAR. */
static void flood_platform(void)
{
	purlin_u64 session, begin = log_end();

	for (unsigned int i = 0; i < TIMES; i++)
		(void)session_open("PCI", "", &session);
	check_true("the platform component said something", log_end() != begin);
	check_true("the platform component keeps to a budget", log_end() - begin < MOST_BYTES);
}

/* Each thread that faults is worth a line of the kernel's. */
static void flood_kernel(void)
{
	purlin_u64 begin = log_end(), account = slot_reserve(), pd = slot_reserve();
	purlin_u64 thread = slot_reserve();

	for (unsigned int i = 0; i < TIMES; i++) {
		if (purlin_account_create(PURLIN_SLOT_ACCOUNT, account, 32) ||
		    purlin_pd_create(account, pd, 16, 0, 1) ||
		    purlin_thread_create(pd, thread, 0, 20, 0x10000) ||
		    purlin_thread_start(thread, 0x1000, 0, 0))
			break;
		purlin_thread_yield();
		(void)purlin_object_destroy(account);
		(void)purlin_cap_delete(PURLIN_SLOT_PD, thread);
		(void)purlin_cap_delete(PURLIN_SLOT_PD, pd);
		(void)purlin_cap_delete(PURLIN_SLOT_PD, account);
	}
	check_true("the kernel keeps to a budget", log_end() - begin < MOST_BYTES);
}

static purlin_u64 control, changed;

/* How many lives it has had, once it has ended for good. */
static purlin_u64 lives(void)
{
	purlin_u64 bits;

	for (;;) {
		message()->word[0] = 0;
		if (rpc(control, CONTROL_COMPONENT, 1))
			return 0;
		if (message()->word[CONTROL_STATE] == CONTROL_STATE_ENDED &&
		    !(message()->word[CONTROL_FLAGS] & CONTROL_FLAG_ACTING))
			return message()->word[CONTROL_LIVES];
		(void)purlin_signal_wait(changed, &bits);
	}
}

/* A component that always ends again has as many lives for each act as its description allows. */
static void flood_by_control(void)
{
	purlin_u64 timer, hz = 1, now, start, before, begun = 0;

	changed = slot_reserve();
	check_status("a signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, changed), PURLIN_OK);
	check_status("Timer", session_open("Timer", "", &timer), PURLIN_OK);
	check_status("the clock", timer_info(timer, &hz, &start), PURLIN_OK);
	check_status("Control", session_open("Control", "", &control), PURLIN_OK);
	check_status("Control: watch", rpc_send(control, CONTROL_WATCH, 0, changed), PURLIN_OK);
	for (before = lives(); begun < ACTS; begun++) {
		message()->word[0] = 0;
		message()->word[1] = CONTROL_RESTART;
		if (rpc(control, CONTROL_ACT, 2))
			break;
		(void)lives();
	}
	(void)timer_info(timer, &hz, &now);
	check_true("lives are not given without end",
		   lives() - before <= begun + MOST_AGAIN + (now - start) / hz + 1);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	flood_init();
	flood_core();
	flood_platform();
	flood_kernel();
	flood_by_control();
	check_sum();
	component_exit(PARENT_EXIT_RESTART, 0);
}
