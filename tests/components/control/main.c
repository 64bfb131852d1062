/* SPDX-License-Identifier: MIT */
/* A Control session: what it shows, each act, each refusal, and how many acts it may begin. */
#include <string.h>

#include "../check.h"
#include "../echo.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/control.h"

/* By the order of `control` in the scenario. */
enum { SERVER, LATER, WAITER, LOOKER, COMPONENTS };

static purlin_u64 control, changed;

static purlin_s64 show(unsigned int number, purlin_u64 *word)
{
	purlin_s64 status;

	message()->word[0] = number;
	status = rpc(control, CONTROL_COMPONENT, 1);
	memcpy(word, message()->word, CONTROL_COMPONENT_WORDS * sizeof(*word));
	return status;
}

static purlin_s64 begin(unsigned int number, purlin_u64 act)
{
	message()->word[0] = number;
	message()->word[1] = act;
	return rpc(control, CONTROL_ACT, 2);
}

/* Until nothing is under way. */
static void await(unsigned int number, purlin_u64 *word)
{
	purlin_u64 bits;

	while (!show(number, word) && word[CONTROL_FLAGS] & CONTROL_FLAG_ACTING)
		(void)purlin_signal_wait(changed, &bits);
}

/* Begin, wait until it is done: the state and how many lives have come since. */
static void check_act(const char *name, unsigned int number, purlin_u64 act, purlin_u64 state,
		      purlin_u64 lives)
{
	purlin_u64 before[CONTROL_COMPONENT_WORDS], after[CONTROL_COMPONENT_WORDS];

	(void)show(number, before);
	if (!check_status(name, begin(number, act), PURLIN_OK))
		return;
	await(number, after);
	check_equal(name, after[CONTROL_STATE], state);
	check_equal(name, after[CONTROL_LIVES] - before[CONTROL_LIVES], lives);
}

static purlin_u64 restarts(unsigned int number)
{
	purlin_u64 word[CONTROL_COMPONENT_WORDS];

	(void)show(number, word);
	return word[CONTROL_RESTARTS];
}

static void check_shown(void)
{
	purlin_u64 word[CONTROL_COMPONENT_WORDS];

	check_status("Control: the first component", show(SERVER, word), PURLIN_OK);
	check_true("Control: its name", !strcmp((char *)&word[CONTROL_NAME], "server"));
	check_equal("Control: its state", word[CONTROL_STATE], CONTROL_STATE_RUNNING);
	check_equal("Control: its flags", word[CONTROL_FLAGS], 0);
	check_equal("Control: its lives", word[CONTROL_LIVES], 1);
	check_equal("Control: its memory", word[CONTROL_MEMORY], 4 << 20);
	check_true("Control: memory it uses",
		   word[CONTROL_MEMORY_USED] && word[CONTROL_MEMORY_USED] < 4 << 20);
	check_equal("Control: no RAM sessions", word[CONTROL_RAM_QUOTA], 0);
	check_equal("Control: its sessions", word[CONTROL_SESSIONS], 0);
	check_equal("Control: no devices", word[CONTROL_DEVICES], 0);
	(void)show(LATER, word);
	check_equal("Control: on demand", word[CONTROL_STATE], CONTROL_STATE_ENDED);
	check_equal("Control: no time", word[CONTROL_UPTIME], 0);
	check_equal("Control: no life", word[CONTROL_LIVES], 0);
	check_equal("Control: no memory", word[CONTROL_MEMORY], 0);
	check_status("Control: no more components", show(COMPONENTS, word), PURLIN_NO_DEVICE);
	check_status("Control: far number", show(~0u, word), PURLIN_NO_DEVICE);
}

static void check_refusals(void)
{
	check_status("Control: no such request", rpc(control, CONTROL_SET_RAM + 1, 0),
		     PURLIN_BAD_CALL);
	check_status("Control: a fragment without adds", rpc(control, CONTROL_FRAGMENT, 2),
		     PURLIN_NO_RIGHT);
	check_status("Control: adding without adds", rpc(control, CONTROL_ADD, 1), PURLIN_NO_RIGHT);
	check_status("Control: no reasons without adds", rpc(control, CONTROL_REASON, 1),
		     PURLIN_NO_RIGHT);
	check_status("Control: act on nobody", begin(COMPONENTS, CONTROL_STOP), PURLIN_NO_DEVICE);
	check_status("Control: no act", begin(SERVER, 0), PURLIN_BAD_ARGUMENT);
	check_status("Control: no such act", begin(SERVER, CONTROL_RESTART + 1),
		     PURLIN_BAD_ARGUMENT);
	check_status("Control: act beyond 32 bits", begin(SERVER, 1ull << 32 | CONTROL_STOP),
		     PURLIN_BAD_ARGUMENT);
	check_status("Control: start what runs", begin(SERVER, CONTROL_START), PURLIN_BUSY);
	check_status("Control: stop what has ended", begin(LATER, CONTROL_STOP), PURLIN_DEAD);
	check_status("Control: kill what has ended", begin(LATER, CONTROL_KILL), PURLIN_DEAD);
}

static void check_watch(void)
{
	purlin_u64 deaf = 0, signal = slot_reserve();

	changed = slot_reserve();
	check_status("a signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, changed), PURLIN_OK);
	check_status("another", purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal), PURLIN_OK);
	check_status("Control: watch without a signal", rpc(control, CONTROL_WATCH, 0),
		     PURLIN_BAD_CAPABILITY);
	check_status("a copy", slot_copy(changed, PURLIN_RIGHT_READ, 0, &deaf), PURLIN_OK);
	check_status("Control: watch with a signal it may not set",
		     rpc_send(control, CONTROL_WATCH, 0, deaf), PURLIN_NO_RIGHT);
	check_status("Control: watch", rpc_send(control, CONTROL_WATCH, 0, signal), PURLIN_OK);
	check_status("Control: watch with another", rpc_send(control, CONTROL_WATCH, 0, changed),
		     PURLIN_OK);
	slot_delete(deaf);
}

static bool named(const purlin_u64 *word, unsigned int name, const char *text)
{
	return !strncmp((const char *)&word[name], text, CONTROL_NAME_BYTES);
}

/* The first session of a service; how many there are of all. */
static unsigned int find_session(const char *service, purlin_u64 *found)
{
	purlin_u64 word[CONTROL_SESSION_WORDS] = { 0 };
	unsigned int count = 0;

	memset(found, 0, sizeof(word));
	for (;;) {
		message()->word[0] = word[CONTROL_SESSION_NEXT];
		if (rpc(control, CONTROL_SESSION, 1))
			return count;
		memcpy(word, message()->word, sizeof(word));
		if (!found[CONTROL_SESSION_NEXT] && named(word, CONTROL_SESSION_SERVICE, service))
			memcpy(found, word, sizeof(word));
		count++;
	}
}

static void check_sessions(void)
{
	purlin_u64 word[CONTROL_SESSION_WORDS];
	unsigned int count;

	check_status("a session with core", session_open("Timer", "", &word[0]), PURLIN_OK);
	count = find_session("Echo", word);
	check_true("Control: the client of a session",
		   named(word, CONTROL_SESSION_CLIENT, "controller"));
	check_true("Control: the server of a session",
		   named(word, CONTROL_SESSION_SERVER, "server"));
	check_true("Control: the label of a session", named(word, CONTROL_SESSION_LABEL, "first"));
	check_equal("Control: an open session", word[CONTROL_SESSION_FLAGS], 0);
	(void)find_session("Timer", word);
	check_true("Control: a session with core", named(word, CONTROL_SESSION_SERVER, "core"));
	check_equal("Control: it is core", word[CONTROL_SESSION_FLAGS], CONTROL_SESSION_CORE);
	message()->word[0] = ~0ull;
	check_status("Control: no session at a far place", rpc(control, CONTROL_SESSION, 1),
		     PURLIN_NO_DEVICE);
	check_status("Control: another session", session_open("Echo", "second", &word[0]),
		     PURLIN_OK);
	check_equal("Control: one session more", find_session("Echo", word), count + 1);
	(void)find_session("Over", word);
	check_equal("Control: no session that failed", word[CONTROL_SESSION_NEXT], 0);
}

static void check_session_over(void)
{
	purlin_u64 word[CONTROL_SESSION_WORDS];

	(void)find_session("Echo", word);
	check_equal("Control: a session that is over", word[CONTROL_SESSION_FLAGS],
		    CONTROL_SESSION_OVER);
}

static purlin_s64 echo_open(void)
{
	purlin_u64 session;
	purlin_s64 status = session_open("Echo", "", &session);

	if (!status)
		slot_delete(session);
	return status;
}

static void check_acts(void)
{
	purlin_u64 session;

	check_status("a session with the server", session_open("Echo", "", &session), PURLIN_OK);
	check_act("Control: stop", SERVER, CONTROL_STOP, CONTROL_STATE_ENDED, 0);
	check_status("Control: its sessions are over", rpc(session, ECHO_CRASH, 0), PURLIN_DEAD);
	check_session_over();
	check_status("Control: nobody waits for what is stopped", echo_open(), PURLIN_DEAD);
	check_act("Control: start", SERVER, CONTROL_START, CONTROL_STATE_RUNNING, 1);
	check_status("Control: it serves again", echo_open(), PURLIN_OK);
	check_act("Control: kill", SERVER, CONTROL_KILL, CONTROL_STATE_RUNNING, 1);
	check_equal("Control: that counts", restarts(SERVER), 1);
	check_act("Control: restart", SERVER, CONTROL_RESTART, CONTROL_STATE_RUNNING, 1);
	check_equal("Control: that does not", restarts(SERVER), 0);
	check_act("Control: kill once", SERVER, CONTROL_KILL, CONTROL_STATE_RUNNING, 1);
	check_act("Control: kill too often", SERVER, CONTROL_KILL, CONTROL_STATE_ENDED, 0);
	check_act("Control: restart what has ended", SERVER, CONTROL_RESTART, CONTROL_STATE_RUNNING,
		  1);
	check_act("Control: start what is there on demand", LATER, CONTROL_START,
		  CONTROL_STATE_RUNNING, 1);
}

/* Its parent waits for a server on its behalf, without a limit. */
static void check_waiter(void)
{
	check_act("Control: restart one that waits", WAITER, CONTROL_RESTART, CONTROL_STATE_RUNNING,
		  1);
	check_act("Control: stop one that waits", WAITER, CONTROL_STOP, CONTROL_STATE_ENDED, 0);
}

static void pause_half_a_second(void)
{
	purlin_u64 timer, hz, now, alarm = slot_reserve(), bits = 0;

	if (session_open("Timer", "", &timer) || purlin_signal_create(PURLIN_SLOT_ACCOUNT, alarm) ||
	    timer_info(timer, &hz, &now) || timer_start(timer, alarm, 1))
		component_panic("no timer");
	(void)timer_alarm(timer, tsc_now() + hz / 2);
	while (!bits)
		(void)purlin_signal_wait(alarm, &bits);
}

/* Some have been begun above, and some come back while this goes on. */
static void check_budget(void)
{
	purlin_s64 status = PURLIN_OK;
	purlin_u64 word[CONTROL_COMPONENT_WORDS];
	unsigned int begun = 0;

	while (status != PURLIN_AGAIN && begun < 1000) {
		await(LATER, word);
		status = begin(LATER, CONTROL_RESTART);
		begun += !status;
	}
	check_true("Control: too many acts", status == PURLIN_AGAIN && begun);
	await(LATER, word);
	pause_half_a_second();
	check_status("Control: one more", begin(LATER, CONTROL_STOP), PURLIN_OK);
	await(LATER, word);
	check_equal("Control: it is done", word[CONTROL_STATE], CONTROL_STATE_ENDED);
}

/* Until then the least urgent has to have what is left of the processor. */
static void await_urgent(void)
{
	purlin_u64 session;

	check_status("the urgent one is done", session_open("Over", "", &session),
		     PURLIN_NO_MEMORY);
	check_act("Control: stop one that asks without end", LOOKER, CONTROL_STOP,
		  CONTROL_STATE_ENDED, 0);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session;

	(void)argument;
	/* So that it has a life for certain. */
	check_status("the server", session_open("Echo", "first", &session), PURLIN_OK);
	check_status("Control", session_open("Control", "", &control), PURLIN_OK);
	check_shown();
	check_refusals();
	check_watch();
	await_urgent();
	check_sessions();
	check_acts();
	check_waiter();
	check_budget();
	return check_sum();
}
