/* SPDX-License-Identifier: MIT */
/*
 * Whether a Linux hangs. Each vCPU that is busy is asked for a sign of life: an event that nothing
 * in Linux waits for. Whoever takes events at all takes this one along. A vCPU that has run for as
 * long as the description says and has not taken it has kept its events disabled all that time.
 *
 * What counts is time for which it had a processor. So none of these hangs: a vCPU that is idle,
 * for it is not even asked; one that others keep from running; one that waits for a server; and one
 * on a machine that stood still, since a stretch between two looks counts as one and no more.
 */
#include "watchdog.h"

#include "boot_data.h"
#include "purlin/calls.h"
#include "report.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"

#define LOOKS 4		     /* within the time that is allowed */
#define SECOND 1000000000ull /* nanoseconds */

static purlin_u64 ticks_between(const struct component *component)
{
	return component->description->watchdog * boot_info->tsc_hz / LOOKS;
}

static void set_beat(const struct component *component)
{
	purlin_timer_set(component->beat, component->looked + ticks_between(component),
			 component->watch, WATCH_BEAT);
}

void watchdog_start(struct component *component)
{
	if (!component->beat)
		return;
	for (unsigned int i = 0; i < DESCRIPTION_VCPUS; i++)
		component->processors[i].deaf = component->processors[i].steal = 0;
	component->looked = tsc_now();
	set_beat(component);
}

/* Without the overflow that the product of a long time would have. */
static purlin_u64 nanoseconds(purlin_u64 ticks)
{
	purlin_u64 hz = boot_info->tsc_hz;

	return ticks / hz * SECOND + ticks % hz * SECOND / hz;
}

/* True: the vCPU has been deaf for too long. `stretch`: nanoseconds since it was looked at last. */
static bool is_deaf(struct component *component, struct component_processor *vcpu,
		    purlin_u64 stretch, purlin_u64 *address)
{
	purlin_u64 state, events, stolen;

	if (purlin_vcpu_status(vcpu->thread, &state, &events, address))
		return false;
	stolen = message()->word[0] - vcpu->steal;
	vcpu->steal = message()->word[0];
	if (state != PURLIN_VCPU_IS_READY) {
		vcpu->deaf = 0;
		return false;
	}
	if (!(events >> component->sign & 1)) {
		vcpu->deaf = 0;
		purlin_signal_notify(vcpu->signals[0], 1ull << component->sign);
		return false;
	}
	vcpu->deaf += stretch > stolen ? stretch - stolen : 0;
	return vcpu->deaf >= component->description->watchdog * SECOND;
}

bool watchdog_look(struct component *component)
{
	purlin_u64 now = tsc_now(), between = ticks_between(component);
	purlin_u64 ticks = now - component->looked, address = 0;

	if (!component->beat || !component->pd || ticks < between)
		return false;
	component->looked = now;
	for (unsigned int i = 0; i < component->description->vcpus; i++) {
		struct component_processor *vcpu = &component->processors[i];

		if (!vcpu->thread ||
		    !is_deaf(component, vcpu, nanoseconds(ticks < 2 * between ? ticks : between),
			     &address))
			continue;
		report(component, "hangs: its processor %u took no events for %u s, at 0x%lx", i,
		       component->description->watchdog, address);
		return true;
	}
	set_beat(component);
	return false;
}
