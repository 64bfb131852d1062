/* SPDX-License-Identifier: MIT */
/* LOG and Timer. */
#include <string.h>

#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/log.h"
#include "session/timer.h"
#include "tests.h"

void test_log(void)
{
	purlin_u64 session;

	if (!check_status("LOG: open", session_open("LOG", "test", &session), PURLIN_OK))
		return;
	message()->word[0] = LOG_WRITE_BYTES + 1;
	check_status("LOG: too long", rpc(session, LOG_WRITE, 1), PURLIN_BAD_ARGUMENT);
	message()->word[0] = 12;
	memcpy(&message()->word[1], "two\nlines..\n", 12);
	check_status("LOG: write", rpc(session, LOG_WRITE, 3), PURLIN_OK);
}

/* All bits that have come until the second session's alarm, which is set for that time. */
static purlin_u64 bits_until(purlin_u64 second, purlin_u64 signal, purlin_u64 time)
{
	purlin_u64 all = 0, bits = 0;

	check_status("Timer: alarm of another session", timer_alarm(second, time), PURLIN_OK);
	for (; !(all & 8); all |= bits)
		(void)purlin_signal_wait(signal, &bits);
	return all;
}

/* Time goes by, which the second session tells. */
static void test_alarms(purlin_u64 first, purlin_u64 signal, purlin_u64 hz)
{
	purlin_u64 second, bits, alarm = tsc_now() + hz / 10;
	bool replaced;

	if (!check_status("Timer: second session", session_open("Timer", "other", &second),
			  PURLIN_OK) ||
	    !check_status("Timer: second start", timer_start(second, signal, 8), PURLIN_OK))
		return;
	check_status("Timer: an alarm", timer_alarm(first, alarm), PURLIN_OK);
	check_status("Timer: it is replaced", timer_alarm(first, alarm + 1000 * hz), PURLIN_OK);
	replaced = tsc_now() < alarm; /* a busy machine may have been slower */
	bits = bits_until(second, signal, alarm + hz / 100);
	check_true("Timer: the replaced alarm is silent", !replaced || bits == 8);
	check_status("Timer: in the past again", timer_alarm(first, 1), PURLIN_OK);
	(void)purlin_signal_wait(signal, &bits);
	bits = bits_until(second, signal, tsc_now() + hz / 100);
	check_equal("Timer: fires once", bits, 8);
}

void test_timer(void)
{
	purlin_u64 session, signal = slot_reserve(), hz = 0, now = 0, bits = 0;
	purlin_u64 unwritable;

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	if (!check_status("Timer: open", session_open("Timer", "", &session), PURLIN_OK))
		return;
	check_status("Timer: set before start", timer_alarm(session, 0), PURLIN_BUSY);
	check_status("Timer: info", timer_info(session, &hz, &now), PURLIN_OK);
	check_true("Timer: frequency", hz > 1000000);
	check_status("Timer: start without a signal", rpc_send(session, TIMER_START, 0, session),
		     PURLIN_BAD_CAPABILITY);
	check_status("Timer: start without any", rpc(session, TIMER_START, 0),
		     PURLIN_BAD_CAPABILITY);
	if (!slot_copy(signal, PURLIN_RIGHT_READ, 4, &unwritable)) {
		check_status("Timer: start with a signal it may not set",
			     rpc_send(session, TIMER_START, 0, unwritable), PURLIN_NO_RIGHT);
		slot_delete(unwritable);
	}
	check_status("Timer: start", timer_start(session, signal, 4), PURLIN_OK);
	check_status("Timer: start twice", timer_start(session, signal, 4), PURLIN_BUSY);
	now = tsc_now();
	check_status("Timer: set", timer_alarm(session, now + hz / 100), PURLIN_OK);
	check_status("Timer: wait", purlin_signal_wait(signal, &bits), PURLIN_OK);
	check_true("Timer: not too early", tsc_now() - now >= hz / 100);
	check_equal("Timer: the chosen bit", bits, 4);
	check_status("Timer: set far away", timer_alarm(session, now + 1000 * hz), PURLIN_OK);
	check_status("Timer: off", timer_alarm(session, ~0ull), PURLIN_OK);
	check_status("Timer: in the past", timer_alarm(session, 1), PURLIN_OK);
	check_status("Timer: at once", purlin_signal_wait(signal, &bits), PURLIN_OK);
	test_alarms(session, signal, hz);
}
