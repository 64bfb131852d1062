/* SPDX-License-Identifier: MIT */
/* Goes on whatever others do: wakes at fixed times and tells how late it was at worst. */
#include <stdio.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/slots.h"

#define WAKES 60
#define PERIOD 10000000ull /* ticks of the TSC */

int component_main(purlin_u64 argument)
{
	purlin_u64 timer = slot_reserve(), signal = slot_reserve(), bits, late, latest = 0;

	(void)argument;
	if (purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal))
		component_panic("neighbour: no timer");
	for (unsigned int i = 0; i < WAKES; i++) {
		purlin_u64 due = __builtin_ia32_rdtsc() + PERIOD;

		if (purlin_timer_set(timer, due, signal, 1) || purlin_signal_wait(signal, &bits))
			component_panic("neighbour: no wake");
		late = __builtin_ia32_rdtsc() - due;
		if (late > latest)
			latest = late;
	}
	printf("woke %u times, at worst %lu thousand ticks late\n", WAKES, latest / 1000);
	return 0;
}
