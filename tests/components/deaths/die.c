/* SPDX-License-Identifier: MIT */
/* Ways to die. */
#include "die.h"
#include "purlin/calls.h"
#include "runtime/component.h"

#define END_OF_THREAD 4

static int deeper(volatile char *above)
{
	volatile char room[1024];

	room[0] = (char)(above[0] + 1);
	return deeper(room) + room[0];
}

int die(purlin_u64 which)
{
	static volatile int *volatile nowhere = (volatile int *)0x10;
	volatile char top = 0;

	switch (which % WAYS_TO_DIE) {
	case 0:
		return *nowhere;
	case 1:
		__builtin_trap();
	case 2:
		return deeper(&top);
	case 3:
		component_panic("%lu ends in panic", which);
	case END_OF_THREAD:
		purlin_thread_exit(5);
		return 0;
	case 5:
		__asm__ volatile("hlt");
		return 0;
	default:
		return 0;
	}
}

int die_with_all_threads(purlin_u64 which)
{
	purlin_u64 way = which % (WAYS_TO_DIE - 1);

	return die(way < END_OF_THREAD ? way : way + 1);
}
