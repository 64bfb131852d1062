// SPDX-License-Identifier: MIT
/*
 * Every sequence of three steps (tests/fuzz/kernel/tlb.c), from a start where nothing is cached
 * and from one where both processors have run everything; and long sequences at random.
 */
#include "input.h"

#define STEPS 42 /* of both processors */
#define PLACES 5 /* the first steps of each: going somewhere */
#define LONG 60
#define LONG_ONES 20000

static uint8_t bytes[1 + 2 * PLACES * 2 + LONG];
static size_t length;
static unsigned long sequences;

static void put(unsigned int byte)
{
	bytes[length++] = (uint8_t)byte;
}

static void play(void)
{
	LLVMFuzzerTestOneInput(bytes, length);
	sequences++;
}

static void all_of_three(void)
{
	size_t start = length;

	for (unsigned int first = 0; first < STEPS; first++) {
		for (unsigned int second = 0; second < STEPS; second++) {
			for (unsigned int third = 0; third < STEPS; third++) {
				length = start;
				put(first);
				put(second);
				put(third);
				play();
			}
		}
	}
	length = start;
}

static void from_warm(unsigned int with_pcid)
{
	length = 0;
	put(with_pcid);
	all_of_three();
	for (unsigned int place = 0; place < PLACES; place++) {
		for (unsigned int cpu = 0; cpu < 2; cpu++) {
			put(2 * place + cpu);
			/* The direct switch, for the other root. */
			put(2 * (PLACES + 1) + cpu);
		}
	}
	all_of_three();
}

static void at_random(unsigned int with_pcid)
{
	uint32_t random = 1;

	for (unsigned int i = 0; i < LONG_ONES; i++) {
		length = 0;
		put(with_pcid);
		while (length <= LONG) {
			random = random * 1664525 + 1013904223;
			put((random >> 16) % STEPS);
		}
		play();
	}
}

int main(void)
{
	for (unsigned int with_pcid = 0; with_pcid < 2; with_pcid++) {
		from_warm(with_pcid);
		at_random(with_pcid);
	}
	printf("%lu sequences, nothing stale\n", sequences);
	return 0;
}
