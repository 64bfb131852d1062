/* SPDX-License-Identifier: MIT */
/* Endpoints, signals and timers, with a second thread as the other side. */
#include <string.h>

#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/thread.h"
#include "tests.h"

#define ECHO 1	  /* reply with the words plus one and a copy of the capability */
#define FAIL 2	  /* reply with an error */
#define SWALLOW 3 /* wait for the next message without a reply */
#define BADGE 77
#define PRIORITY 20
#define FAR_AWAY 1000000000000 /* ticks: not even a machine that is held up gets there */

static purlin_u64 echo_endpoint;
static volatile purlin_u64 seen_badge, seen_caps;

/* What the lib's loop does, made by hand. The reply passes on the slot filled last; the other one
 * receives. */
static void echo(void *argument)
{
	struct purlin_message *buffer = message();
	purlin_u64 info = 0, badge = 0, forever = new_signal();
	purlin_u64 filled = slot_reserve(), empty = slot_reserve();
	purlin_s64 status;

	(void)argument;
	buffer->receive_slot[0] = (purlin_u32)filled;
	status = purlin_endpoint_receive(echo_endpoint, &info, &badge);
	while (!status) {
		purlin_u32 operation = PURLIN_INFO_LABEL(info);
		purlin_u64 answer, other = filled;

		seen_badge = badge;
		seen_caps = PURLIN_INFO_CAPS(info);
		buffer->word[0]++;
		buffer->send_slot[0] = (purlin_u32)filled;
		buffer->receive_slot[0] = (purlin_u32)empty;
		answer = operation == FAIL ? PURLIN_INFO(PURLIN_NO_DEVICE, 0, 0) :
					     PURLIN_INFO(0, 1, seen_caps);
		status =
			operation == SWALLOW ?
				purlin_endpoint_receive(echo_endpoint, &info, &badge) :
				purlin_endpoint_reply_receive(echo_endpoint, answer, &info, &badge);
		purlin_cap_delete(PURLIN_SLOT_PD, filled);
		filled = empty;
		empty = other;
	}
	for (;;)
		purlin_signal_wait(forever, &info);
}

static void calls(purlin_u64 caller)
{
	purlin_u64 empty = slot_reserve(), signal = new_signal(), info = 0, received = 0;
	purlin_u64 type = 0, rights = 0, badge = 0;

	check_status("endpoint_call: too many words",
		     purlin_endpoint_call(caller, PURLIN_INFO(ECHO, 61, 0), &info),
		     PURLIN_BAD_ARGUMENT);
	check_status("endpoint_call: too many capabilities",
		     purlin_endpoint_call(caller, PURLIN_INFO(ECHO, 0, 5), &info),
		     PURLIN_BAD_ARGUMENT);
	message()->send_slot[0] = (purlin_u32)empty;
	check_status("endpoint_call: empty slot to send",
		     purlin_endpoint_call(caller, PURLIN_INFO(ECHO, 0, 1), &info),
		     PURLIN_BAD_ARGUMENT);
	check_status("endpoint_call: no right",
		     purlin_endpoint_call(weaker(echo_endpoint, PURLIN_RIGHT_READ),
					  PURLIN_INFO(ECHO, 0, 0), &info),
		     PURLIN_NO_RIGHT);
	message()->word[0] = 41;
	check_status("endpoint_call", rpc(caller, ECHO, 1), PURLIN_OK);
	check_equal("endpoint_call: words", message()->word[0], 42);
	check_equal("endpoint_call: badge", seen_badge, BADGE);
	check_status("endpoint_call: error of the server", rpc(caller, FAIL, 0), PURLIN_NO_DEVICE);
	check_status("endpoint_call: capability there and back",
		     rpc_exchange(caller, ECHO, 1, 1, &signal, 1, &received), PURLIN_OK);
	purlin_cap_info(received, &type, &rights, &badge);
	check_equal("endpoint_call: type of the capability", type, PURLIN_TYPE_SIGNAL);
	message()->receive_slot[0] = 0;
	message()->send_slot[0] = (purlin_u32)signal;
	check_status("endpoint_call: capability refused by slot 0",
		     purlin_endpoint_call(caller, PURLIN_INFO(ECHO, 0, 1), &info), PURLIN_OK);
	check_equal("endpoint_call: none delivered", PURLIN_INFO_CAPS(info), 0);
	check_status("endpoint_call: server receives again without reply", rpc(caller, SWALLOW, 0),
		     PURLIN_DEAD);
}

void test_ipc(void)
{
	purlin_u64 account = PURLIN_SLOT_ACCOUNT, thread, caller = slot_reserve();
	purlin_u64 signal = new_signal(), endpoint = new_endpoint(), info = 0, badge = 0;
	purlin_u64 bound = new_signal();

	check_status("endpoint_create: slot in use", purlin_endpoint_create(account, signal),
		     PURLIN_SLOT_IN_USE);
	check_status("endpoint_create: out of range", purlin_endpoint_create(account, OUT_OF_RANGE),
		     PURLIN_BAD_ARGUMENT);
	check_status("endpoint_receive: not an endpoint",
		     purlin_endpoint_receive(signal, &info, &badge), PURLIN_BAD_CAPABILITY);
	check_status("endpoint_receive: no right",
		     purlin_endpoint_receive(weaker(endpoint, PURLIN_RIGHT_WRITE), &info, &badge),
		     PURLIN_NO_RIGHT);
	check_status("endpoint_reply_receive: too many words",
		     purlin_endpoint_reply_receive(endpoint, PURLIN_INFO(0, 61, 0), &info, &badge),
		     PURLIN_BAD_ARGUMENT);

	echo_endpoint = new_endpoint();
	purlin_cap_copy(PURLIN_SLOT_PD, caller, echo_endpoint, PURLIN_RIGHT_WRITE, BADGE);
	check_status("thread_spawn", thread_spawn(echo, NULL, 0, PRIORITY, &thread), PURLIN_OK);
	calls(caller);

	purlin_thread_bind_signal(PURLIN_SLOT_THREAD, bound);
	purlin_signal_notify(bound, 6);
	check_status("endpoint_receive: bound signal",
		     purlin_endpoint_receive(endpoint, &info, &badge), PURLIN_SIGNALLED);
	check_equal("endpoint_receive: bits of the signal", badge, 6);

	purlin_object_destroy(echo_endpoint);
	check_status("endpoint_call: destroyed", rpc(caller, ECHO, 0), PURLIN_DEAD);
	check_status("endpoint_receive: destroyed",
		     purlin_endpoint_receive(echo_endpoint, &info, &badge), PURLIN_DEAD);
}

static void timers(void)
{
	purlin_u64 account = PURLIN_SLOT_ACCOUNT, signal = new_signal(), timer = slot_reserve();
	purlin_u64 bits = 0;

	check_status("timer_create: slot in use", purlin_timer_create(account, signal),
		     PURLIN_SLOT_IN_USE);
	check_status("timer_create", purlin_timer_create(account, timer), PURLIN_OK);
	check_status("timer_set: no signal", purlin_timer_set(timer, 0, timer, 1),
		     PURLIN_BAD_CAPABILITY);
	check_status("timer_set: signal without WRITE",
		     purlin_timer_set(timer, 0, weaker(signal, PURLIN_RIGHT_READ), 1),
		     PURLIN_NO_RIGHT);
	check_status("timer_set: past", purlin_timer_set(timer, 1, signal, 8), PURLIN_OK);
	purlin_signal_wait(signal, &bits);
	check_equal("timer_set: bits", bits, 8);
	check_status("timer_set: future", purlin_timer_set(timer, tsc_now() + FAR_AWAY, signal, 1),
		     PURLIN_OK);
	check_status("timer_set: cancel", purlin_timer_set(timer, ~0ull, signal, 1), PURLIN_OK);
	check_status("timer_set: nothing came", purlin_signal_poll(signal, &bits), PURLIN_AGAIN);
}

void test_signals(void)
{
	purlin_u64 account = PURLIN_SLOT_ACCOUNT, signal = new_signal(), badged = slot_reserve();
	purlin_u64 bits = 0;

	check_status("signal_create: slot in use", purlin_signal_create(account, signal),
		     PURLIN_SLOT_IN_USE);
	check_status("signal_create: out of range", purlin_signal_create(account, OUT_OF_RANGE),
		     PURLIN_BAD_ARGUMENT);
	check_status("signal_poll: nothing", purlin_signal_poll(signal, &bits), PURLIN_AGAIN);
	check_status("signal_notify", purlin_signal_notify(signal, 3), PURLIN_OK);
	purlin_cap_copy(PURLIN_SLOT_PD, badged, signal, PURLIN_RIGHT_WRITE, 0x10);
	check_status("signal_notify: badged", purlin_signal_notify(badged, ~0ull), PURLIN_OK);
	check_status("signal_wait", purlin_signal_wait(signal, &bits), PURLIN_OK);
	check_equal("signal_wait: bits", bits, 0x13);
	check_status("signal_wait: no right", purlin_signal_wait(badged, &bits), PURLIN_NO_RIGHT);
	check_status("signal_poll: no right", purlin_signal_poll(badged, &bits), PURLIN_NO_RIGHT);
	check_status("signal_notify: no right",
		     purlin_signal_notify(weaker(signal, PURLIN_RIGHT_READ), 1), PURLIN_NO_RIGHT);
	check_status("signal_notify: not a signal", purlin_signal_notify(PURLIN_SLOT_PD, 1),
		     PURLIN_BAD_CAPABILITY);
	purlin_object_destroy(signal);
	check_status("signal_wait: destroyed", purlin_signal_wait(signal, &bits), PURLIN_DEAD);
	timers();
}
