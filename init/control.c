/* SPDX-License-Identifier: MIT */
/* Control sessions: components shown, and acts left with their supervisors. */
#include "control.h"

#include <string.h>

#include "add.h"
#include "boot_data.h"
#include "ram_target.h"
#include "report.h"
#include "session_table.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/server.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define ACT_BITS 8 /* of wanted_act: the act; above: index of the component that wants it */
#define ACT_MASK ((1u << ACT_BITS) - 1)
#define BACK_PER_SECOND 2 /* acts */

bool control_wanted(const struct component *component)
{
	return SHOWN(component->wanted_act);
}

bool control_ends(const struct component *component)
{
	unsigned int act = SHOWN(component->wanted_act) & ACT_MASK;

	return act && act != CONTROL_START;
}

bool control_stops(const struct component *component)
{
	return (SHOWN(component->wanted_act) & ACT_MASK) == CONTROL_STOP;
}

/* An act that has ended one start must not end the next, and all after it. */
bool control_allows_start(struct component *component)
{
	if (control_stops(component))
		return false;
	/* What is wanted is taken away by this thread only; a new act may come at any time. */
	if (control_wanted(component))
		__atomic_store_n(&component->wanted_act, 0, __ATOMIC_SEQ_CST);
	return true;
}

unsigned int control_take(struct component *component)
{
	static const char *const done[] = { "", "started", "stopped", "killed", "restarted" };
	unsigned int wanted, act;

	/* This comes first: in the other order the act would look done between the two. */
	__atomic_store_n(&component->acting, true, __ATOMIC_SEQ_CST);
	wanted = __atomic_exchange_n(&component->wanted_act, 0, __ATOMIC_SEQ_CST);
	act = wanted & ACT_MASK;
	if (act)
		report(component, "is %s by %s", done[act],
		       description.components[wanted >> ACT_BITS].name);
	return act;
}

void control_done(struct component *component)
{
	__atomic_store_n(&component->acting, false, __ATOMIC_SEQ_CST);
	tell_controllers();
}

/* The component of a number in the session, or NULL. */
static struct component *target_of(const struct component *component, purlin_u64 number)
{
	return number < SHOWN(component->description->control_count) ?
		       &components[component->description->control[number]] :
		       NULL;
}

/* Show nothing of an account that has gone meanwhile: its slot may hold another one by now. */
static void put_account(purlin_u64 *word, const purlin_u64 *slot)
{
	purlin_u64 account = SHOWN(*slot), limit = 0, used = 0;

	if (!account || purlin_account_info(account, &limit, &used) || SHOWN(*slot) != account)
		return;
	word[0] = limit * PURLIN_PAGE_SIZE;
	word[1] = used * PURLIN_PAGE_SIZE;
}

static purlin_u64 state_of(enum component_state state)
{
	return state == COMPONENT_STARTING ? CONTROL_STATE_STARTING :
	       state == COMPONENT_RUNNING  ? CONTROL_STATE_RUNNING :
					     CONTROL_STATE_ENDED;
}

static purlin_u64 uptime(const struct component *target)
{
	return (tsc_now() - SHOWN(target->started)) / (boot_info->tsc_hz / 1000);
}

static void put_linux_ram(purlin_u64 *word, const struct component *target)
{
	const struct component_description *wanted = target->description;

	if (!wanted->memory_most)
		return;
	word[CONTROL_LINUX_RAM] = wanted->memory + ram_target_of(target);
	word[CONTROL_LINUX_RAM_LEAST] = wanted->memory;
	word[CONTROL_LINUX_RAM_MOST] = wanted->memory_most;
	word[CONTROL_LINUX_RAM_STEP] = wanted->ram_step;
}

static purlin_s64 component_request(const struct component *component, struct request *request)
{
	const struct component *target = target_of(component, request->word[0]);
	purlin_u64 *word = request->reply;
	enum component_state state;

	if (!target)
		return PURLIN_NO_DEVICE;
	memset(word, 0, CONTROL_COMPONENT_WORDS * sizeof(*word));
	strncpy((char *)&word[CONTROL_NAME], target->description->name, CONTROL_NAME_BYTES);
	/*
	 * Read before the state: a client that sees no act going on then also sees what the last
	 * one has led to.
	 */
	if (SHOWN(target->wanted_act) || SHOWN(target->acting))
		word[CONTROL_FLAGS] |= CONTROL_FLAG_ACTING;
	if (target->description->type == COMPONENT_LINUX)
		word[CONTROL_FLAGS] |= CONTROL_FLAG_LINUX;
	state = SHOWN(target->state);
	word[CONTROL_STATE] = state_of(state);
	word[CONTROL_LIVES] = SHOWN(target->generation);
	word[CONTROL_RESTARTS] = SHOWN(target->restarts);
	word[CONTROL_UPTIME] = state == COMPONENT_ENDED ? 0 : uptime(target);
	put_account(&word[CONTROL_MEMORY], &target->account);
	put_account(&word[CONTROL_RAM_QUOTA], &target->ram_account);
	word[CONTROL_SESSIONS] = SHOWN(target->session_count);
	word[CONTROL_DEVICES] = SHOWN(target->device_session_count);
	put_linux_ram(word, target);
	request->reply_words = CONTROL_COMPONENT_WORDS;
	return PURLIN_OK;
}

/* Each act is work for init and lines in its log, which a client must not cause at will. */
static bool budget_allows(struct control *control)
{
	purlin_u64 now = tsc_now(), step = boot_info->tsc_hz / BACK_PER_SECOND;
	purlin_u64 back = now > control->since ? (now - control->since) / step : 0;

	control->spent -= back < control->spent ? (unsigned int)back : control->spent;
	/* Counted in whole steps, so that a client that asks often does not lose the fractions. */
	control->since = control->spent ? control->since + back * step : now;
	if (control->spent == CONTROL_ACTS)
		return false;
	control->spent++;
	return true;
}

static purlin_s64 act_request(struct component *component, struct request *request)
{
	struct component *target = target_of(component, request->word[0]);
	purlin_u64 act = request->word[1];
	unsigned int wanted = (unsigned int)(component - components) << ACT_BITS, none = 0;
	bool ended;

	if (!target)
		return PURLIN_NO_DEVICE;
	if (act < CONTROL_START || act > CONTROL_RESTART)
		return PURLIN_BAD_ARGUMENT;
	if (control_wanted(target))
		return PURLIN_BUSY;
	ended = SHOWN(target->state) == COMPONENT_ENDED;
	if (act == CONTROL_START && !ended)
		return PURLIN_BUSY;
	if (act != CONTROL_START && act != CONTROL_RESTART && ended)
		return PURLIN_DEAD;
	if (!budget_allows(&component->control))
		return PURLIN_AGAIN;
	/* Another session's act may come first, and whoever is acted on may end: it is looked at
	 * again when the act is taken up. */
	if (!__atomic_compare_exchange_n(&target->wanted_act, &none, wanted | (unsigned int)act,
					 false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return PURLIN_BUSY;
	purlin_signal_notify(target->watch, WATCH_CHANGED);
	return PURLIN_OK;
}

static purlin_s64 set_ram_request(struct component *component, struct request *request)
{
	struct component *target = target_of(component, request->word[0]);

	if (!target)
		return PURLIN_NO_DEVICE;
	if (!budget_allows(&component->control))
		return PURLIN_AGAIN;
	return ram_target_set(target, request->word[1]);
}

/* A session ends with the life of its client, even if the client has given it to somebody else. */
static bool lives(const struct component *component, purlin_u64 generation)
{
	return SHOWN(component->pd) && SHOWN(component->generation) == generation;
}

/*
 * This thread is no more urgent than its client, so it must not take a lock that supervisors take,
 * such as that of the slots: whoever keeps it from the processor meanwhile would keep them, too. So
 * its slots are reserved before it begins, and stay: those in which capabilities arrive, and one
 * for the watch, into which that is copied.
 */
static void watch_drop(struct control *control)
{
	if (control->watched)
		purlin_cap_delete(PURLIN_SLOT_PD, control->watch);
	control->watched = false;
}

static purlin_s64 watch_request(struct component *component, struct request *request)
{
	struct control *control = &component->control;
	purlin_s64 status = request_signal_check(request);

	if (status)
		return status;
	watch_drop(control);
	status = purlin_cap_copy(PURLIN_SLOT_PD, control->watch, request->cap[0], PURLIN_RIGHT_ALL,
				 0);
	control->watched = !status;
	control->generation = request->badge;
	return status;
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct component *component = context;

	if (!lives(component, request->badge))
		return PURLIN_DEAD;
	switch (request->operation) {
	case CONTROL_COMPONENT:
		return component_request(component, request);
	case CONTROL_ACT:
		return act_request(component, request);
	case CONTROL_SET_RAM:
		return set_ram_request(component, request);
	case CONTROL_WATCH:
		return watch_request(component, request);
	case CONTROL_SESSION:
		return control_session(component, request);
	case CONTROL_FRAGMENT:
		return add_fragment(component, request);
	case CONTROL_ADD:
		return add_request(component, request);
	case CONTROL_REASON:
		return add_reason(component, request);
	default:
		return PURLIN_BAD_CALL;
	}
}

static void changed(void *context, purlin_u64 bits)
{
	struct component *component = context;
	struct control *control = &component->control;

	(void)bits;
	/* The signal may be of a life that is over: nobody would ever put another in its place. */
	if (control->watched && !lives(component, control->generation))
		watch_drop(control);
	if (control->watched)
		purlin_signal_notify(control->watch, ~0ull);
}

static void serve(void *context)
{
	struct component *component = context;
	struct server server = { component->control.endpoint, handle, changed, component,
				 component->control.slots };

	if (purlin_thread_bind_signal(thread_self()->slot, component->control.changed))
		component_panic("control of %s: no signal", component->description->name);
	server_loop(&server);
}

purlin_s64 control_prepare(struct component *component)
{
	const struct component_description *wanted = component->description;
	struct control *control = &component->control;
	purlin_u64 thread;
	purlin_s64 status;

	control->endpoint = slot_reserve();
	control->changed = slot_reserve();
	control->watch = slot_reserve();
	for (unsigned int i = 0; i < PURLIN_MESSAGE_CAPS; i++)
		control->slots[i] = slot_reserve();
	status = purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, control->endpoint);
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, control->changed);
	if (!status)
		status = add_prepare(component);
	/* On its client's processor, and no more urgent: requests cost others nothing. */
	return status ? status :
			thread_spawn(serve, component, wanted->cpu, wanted->priority, &thread);
}

purlin_s64 control_open(const struct component *component, purlin_u64 *slot)
{
	return server_badge(component->control.endpoint, component->generation, slot);
}
