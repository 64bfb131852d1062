// SPDX-License-Identifier: MIT
/* How much RAM a Linux has, and is to have. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "purlinctl.h"

#define MIB (1ull << 20)

static uint64_t most_of(const record one)
{
	return one[CONTROL_LINUX_RAM_MOST];
}

/* What it has now: what it was started with, and what it took, in whole steps. */
static uint64_t has(const record one)
{
	uint64_t step = one[CONTROL_LINUX_RAM_STEP];

	return one[CONTROL_LINUX_RAM_LEAST] + one[CONTROL_RAM_USED] / step * step;
}

static void print(const record one)
{
	printf("%.16s: %llu MiB, is to have %llu, of %llu to %llu in steps of %llu\n", name_of(one),
	       has(one) / MIB, one[CONTROL_LINUX_RAM] / MIB, one[CONTROL_LINUX_RAM_LEAST] / MIB,
	       most_of(one) / MIB, one[CONTROL_LINUX_RAM_STEP] / MIB);
}

/* A number with K, M or G; 0: it is none. */
static uint64_t size_of(const char *text)
{
	static const char units[] = "KMG";
	char *end;
	uint64_t number = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	unsigned int shift = unit ? 10 * (unsigned int)(unit - units + 1) : 0;

	if (*text < '0' || *text > '9' || !unit || end[1] || number >> (63 - shift))
		return 0;
	return number << shift;
}

static const char *refusal(void)
{
	return errno == EINVAL ? "it cannot have as much, see `purlinctl ram NAME`" :
	       errno == EAGAIN ? "too many acts in a short time" :
				 strerror(errno);
}

/* It takes what is free, and gives back what it can; the rest may take time. */
static int await(int number, int seconds)
{
	struct pollfd wait = { .fd = control, .events = POLLIN };
	int64_t deadline = now_ms() + (int64_t)seconds * 1000;
	const uint64_t *one = components[number];

	while (look() && has(one) != one[CONTROL_LINUX_RAM]) {
		int64_t left = deadline - now_ms();

		if (left <= 0) {
			fprintf(stderr, "purlinctl: not within %d s: ", seconds);
			print(one);
			return 1;
		}
		poll(&wait, 1, (int)left);
	}
	print(one);
	return 0;
}

static int set(int number, const char *name, const char *size, int seconds)
{
	uint64_t words[2] = { (uint64_t)number, size_of(size) };

	if (!words[1])
		return fail("a size is a number followed by K, M or G");
	if (!ioctl(control, CONTROL_IOCTL_SET_RAM, words))
		return await(number, seconds);
	fprintf(stderr, "purlinctl: %s: %s\n", name, refusal());
	return 1;
}

int ram(int words, char **word)
{
	int seconds, number;

	if (!words)
		return fail("the name of one component is wanted");
	number = number_of(word[0]);
	if (number < 0)
		return 1;
	if (!most_of(components[number])) {
		fprintf(stderr,
			"purlinctl: %s: it always has the same, its description has no "
			"`memory-most`\n",
			word[0]);
		return 1;
	}
	if (words == 1) {
		print(components[number]);
		return 0;
	}
	seconds = timeout_of("a name and a size are wanted", words - 1, word + 1);
	return seconds < 0 ? 1 : set(number, word[0], word[1], seconds);
}
