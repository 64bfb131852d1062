/* SPDX-License-Identifier: MIT */
/*
 * The life of a component: it is started and served. When it ends (it says so, it faults, its start
 * fails), it is cleaned up and, if its description says so, started again.
 *
 * Each component has a thread for this. So no component waits for another's restart, and what only
 * the supervisor uses in struct component needs no lock. The thread waits in one place, for
 * requests of the component and for its watch; it must not wait anywhere else without hearing the
 * watch, or the component could end unnoticed (wait.c).
 */
#include "supervisor.h"

#include "boot_data.h"
#include "control.h"
#include "device_sessions.h"
#include "end.h"
#include "linux.h"
#include "memory_report.h"
#include "native.h"
#include "on_device.h"
#include "provision.h"
#include "ram_target.h"
#include "report.h"
#include "route.h"
#include "wait.h"
#include "watchdog.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/server.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "runtime/thread.h"

#define FORGIVEN_SECONDS 600 /* of running, for one restart */

/* Others wait for this state before they open sessions, or give up. */
static void set_state(struct component *component, enum component_state state)
{
	lock_acquire(&state_lock);
	component->state = state;
	lock_release(&state_lock);
	tell_all();
}

/* In this order: who looks at accounts of others (control.c) finds that it has gone. */
static void drop(purlin_u64 *slot)
{
	purlin_u64 old = *slot;

	__atomic_store_n(slot, 0, __ATOMIC_SEQ_CST);
	slot_delete(old);
}

static void destroy(purlin_u64 *slot)
{
	if (*slot)
		purlin_object_destroy(*slot);
	drop(slot);
}

/*
 * Stop the component, then take away what it has. Servers are told to close its sessions, but
 * nobody waits for them, since a server may hang. That is safe for memory that devices may still
 * reach: it is pinned, and the kernel does not reuse it before the platform has unpinned it.
 */
static void clean_up(struct component *component)
{
	/*
	 * Withdrawn first, so that no question is asked at an endpoint that is about to go; the PD
	 * before the sessions, since a component that runs must not find them closed.
	 */
	route_withdraw(component);
	destroy(&component->pd);
	component->ended = false;
	report_requests_end(component);
	route_close_all(component);
	drop(&component->sessions_watch);
	drop(&component->ram_watch);
	device_sessions_drop(component);
	/* The accounts take along all that was paid from them, whoever else has a capability. */
	destroy(&component->ram_account);
	destroy(&component->account);
	while (component->memory_count)
		drop(&component->memory[--component->memory_count]);
	for (unsigned int i = 0; i < DESCRIPTION_VCPUS; i++) {
		drop(&component->processors[i].thread);
		for (unsigned int word = 0; word < PURLIN_EVENT_WORDS; word++)
			drop(&component->processors[i].signals[word]);
	}
	ram_target_look(component);
}

static purlin_s64 start(struct component *component)
{
	purlin_u64 stale;
	purlin_s64 status;

	/* What was noticed of its last life must not end this one. */
	if (!purlin_signal_poll(component->watch, &stale))
		component->device_told |= (stale & WATCH_DEVICE) != 0;
	component->device_awaited = false;
	component->started = tsc_now();
	lock_acquire(&state_lock);
	/* Requests carry this number as badge: those of earlier lives are refused. */
	component->generation++;
	component->state = COMPONENT_STARTING;
	lock_release(&state_lock);
	status = component->description->type == COMPONENT_LINUX ? linux_start(component) :
								   native_start(component);
	/* On a failure the caller cleans up: half a component is as much as a whole one. */
	if (status)
		return status;
	set_state(component, COMPONENT_RUNNING);
	watchdog_start(component);
	device_sessions_resume(component);
	/*
	 * That its devices have gone, or that it is to end, may have been told while it waited for
	 * something else.
	 */
	if (route_lost(component) || control_wanted(component))
		purlin_signal_notify(component->watch, WATCH_CHANGED);
	return PURLIN_OK;
}

/*
 * Every restart counts, whatever its cause: a component that asks for one may have panicked. For
 * each stretch that it has run, one earlier restart is forgiven.
 */
static bool may_restart(struct component *component)
{
	purlin_u64 stretch = FORGIVEN_SECONDS * boot_info->tsc_hz;
	purlin_u64 forgiven = (tsc_now() - component->started) / stretch;

	component->restarts -=
		forgiven < component->restarts ? (unsigned int)forgiven : component->restarts;
	if (component->restarts < component->description->restarts) {
		component->restarts++;
		return true;
	}
	report(component, "restarted %u times: not again", component->restarts);
	return false;
}

/* Its devices were silenced by nobody, and never will be: say so, since it looks like a leak. */
static void report_held(const struct component *component)
{
	if (component->held)
		report(component,
		       "what its devices may still reach stays taken: memory and interrupts");
}

/* Start it until it runs. False: it has been tried often enough, or is to stay away. */
static bool start_again(struct component *component)
{
	while (control_allows_start(component) && may_restart(component)) {
		purlin_s64 status;

		/* Give its servers time to take back what they gave, such as to reset a device. */
		component_await_closing(component);
		route_await_devices(component);
		report(component, "is started again");
		status = start(component);
		if (!status)
			return true;
		report(component, "cannot be started: %s", status_text(status));
		clean_up(component);
	}
	return false;
}

/* It has ended and been cleaned up. */
static void settle(struct component *component)
{
	/* Only to say which server does not answer: nothing waits for the component any more. */
	component_await_closing(component);
	/* What is wanted of it now may have been told while this waited. */
	if (control_wanted(component))
		purlin_signal_notify(component->watch, WATCH_CHANGED);
}

static void await_control(struct component *component)
{
	component->device_awaited = false;
	set_state(component, COMPONENT_ENDED);
	report_held(component);
	report(component, "waits until it is started");
	settle(component);
}

static void await_device(struct component *component)
{
	set_state(component, COMPONENT_ENDED);
	report_held(component);
	settle(component);
	on_device_await(component);
}

/* For good, or until a Control session or a device starts it. */
static void stay_away(struct component *component, enum end_action action)
{
	if (control_stops(component)) {
		await_control(component);
		return;
	}
	if (component->description->on_device && action != END_POWER_OFF && action != END_RESET) {
		await_device(component);
		return;
	}
	set_state(component, COMPONENT_ENDED);
	report_held(component);
	if (action == END_POWER_OFF || action == END_RESET)
		request_end(action, component->description->name);
	else
		report(component, "stays away"); /* the front door ends a run by this line */
	settle(component);
}

/* Clean up and do what the description says about this kind of end. */
static void ended(struct component *component, enum end_action action)
{
	clean_up(component);
	if (action != END_RESTART || !start_again(component))
		stay_away(component, action);
}

/*
 * What cannot be started fails again, unless a server has ended meanwhile, or a Control session has
 * ended the start: then it is started once more, whatever the description says about faults, since
 * it has had none.
 */
static void start_first(struct component *component)
{
	/* Counted before: a server that ends at any moment of the start makes the difference. */
	purlin_u64 lost = route_lives_lost(component);
	purlin_s64 status = start(component);

	if (!status)
		return;
	report(component, "cannot be started: %s", status_text(status));
	clean_up(component);
	if ((route_lives_lost(component) == lost && !control_wanted(component)) ||
	    !start_again(component))
		stay_away(component, component->description->on_fault);
}

/*
 * Somebody has decided: what it did before does not count. But whoever decides so again and again
 * would give a component that always ends as many lives each time as its description allows, and
 * each is work for init and lines in its log. So there is a budget of restarts that are forgiven.
 */
static void forgive(struct component *component)
{
	unsigned int refused;

	while (component->restarts &&
	       log_budget_take(&component->forgiveness, tsc_now(), boot_info->tsc_hz, &refused))
		component->restarts--;
}

/* What a Control session has begun: session/control.h. */
static void act(struct component *component)
{
	unsigned int wanted = control_take(component);
	bool there = component->pd != 0;

	if (wanted == CONTROL_KILL && there) {
		ended(component, component->description->on_fault);
	} else if (wanted == CONTROL_STOP && there) {
		clean_up(component);
		await_control(component);
	} else if (wanted == CONTROL_RESTART || (wanted == CONTROL_START && !there)) {
		clean_up(component);
		forgive(component);
		component_await_closing(component);
		route_await_devices(component);
		start_first(component);
	}
	control_done(component);
}

static void exit_request(struct component *component, purlin_u64 how, purlin_u64 value)
{
	const struct component_description *wanted = component->description;

	switch (how) {
	case PARENT_EXIT_DONE:
		report(component, "ended with value %lu", value);
		ended(component, wanted->on_exit);
		break;
	case PARENT_EXIT_POWER_OFF:
		report(component, "powered off");
		if (description.report_memory)
			report_memory();
		ended(component, wanted->on_power_off);
		break;
	case PARENT_EXIT_RESTART:
		report(component, "restarts");
		ended(component, wanted->on_restart);
		break;
	default:
		/* A value that is not defined counts as a panic: it is no orderly end. */
		report(component, "panicked (%lu)", value);
		ended(component, wanted->on_fault);
	}
}

static purlin_s64 serve(struct component *component, struct request *request)
{
	/* The badge counts starts: requests left over from an earlier life are refused. */
	if (request->badge != component->generation)
		return PURLIN_DEAD;
	switch (request->operation) {
	case PARENT_OPEN:
		return provision_open(component, request);
	case PARENT_ANNOUNCE:
		return provision_announce(component, request);
	case PARENT_WATCH:
		return provision_watch(component, request);
	case PARENT_SERVES:
		return provision_serves(component, request);
	case PARENT_KEPT:
		return provision_kept(component, request);
	case PARENT_RAM:
		return ram_target_request(component, request);
	case PARENT_EXIT:
		exit_request(component, request->word[0], request->word[1]);
		return PURLIN_OK;
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct component *component = context;
	purlin_s64 status = serve(component, request);

	/* The request may have waited, and heard then what another server's end has changed. */
	route_tell_ended(component);
	device_sessions_resume(component);
	/*
	 * Its end was noticed during the request, which had to be finished first. That of its
	 * devices may have been told meanwhile, and taken for what the request waited for.
	 */
	if (component->ended || route_lost(component) || control_wanted(component))
		purlin_signal_notify(component->watch, WATCH_ENDED);
	return status;
}

static void signalled(void *context, purlin_u64 bits)
{
	struct component *component = context;
	const struct component *server;
	bool fault = true;

	component->device_told |= (bits & WATCH_DEVICE) != 0;
	ram_target_look(component);
	/* Other bits may be late, of an earlier life: only the state tells. */
	if (control_wanted(component)) {
		act(component);
		return;
	}
	/* It has been cleaned up, and is started by a Control session or a device only. */
	if (!component->pd && on_device_come(component)) {
		report(component, "is started for its device");
		start_first(component);
	}
	if (!component->pd)
		return;
	route_tell_ended(component);
	device_sessions_resume(component);
	if (!report_status(component, &fault) && !watchdog_look(component)) {
		server = route_lost(component);
		if (!server)
			return;
		report(component, "lost its devices: %s has ended", server->description->name);
	}
	ended(component,
	      fault ? component->description->on_fault : component->description->on_exit);
}

void supervise(void *context)
{
	struct component *component = context;
	struct server server = { component->endpoint, handle, signalled, component, NULL };
	purlin_u64 bits;

	if (purlin_thread_bind_signal(thread_self()->slot, component->watch))
		component_panic("a supervisor: no signal");
	/* Prepared for one that is about to be added: admit.c. */
	while (!SHOWN(component->description))
		(void)purlin_signal_wait(component->watch, &bits);
	if (component->description->on_demand)
		await_control(component);
	else if (component->description->on_device)
		await_device(component);
	else
		start_first(component);
	server_loop(&server);
	component_panic("supervisor of %s: the endpoint is gone", component->description->name);
}
