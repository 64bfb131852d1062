/* SPDX-License-Identifier: MIT */
/* Tries to take its watch away from who started it, then runs over the end of its stack. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/slots.h"

static int deeper(volatile char *above)
{
	volatile char room[1024];

	room[0] = (char)(above[0] + 1);
	return deeper(room) + room[0];
}

int component_main(purlin_u64 argument)
{
	purlin_u64 signal = slot_reserve();
	volatile char top = (char)argument;

	if (purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal))
		return 1;
	(void)purlin_pd_watch(PURLIN_SLOT_PD, signal, 1);
	return deeper(&top);
}
