// SPDX-License-Identifier: MIT
/* mmap with MAP_32BIT: addresses in the second GiB, as many as fit, and hints and fixed ones as
 * ever. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>

#include "check.h"

#define LOW_BEGIN 0x40000000ul
#define LOW_END 0x80000000ul
#define LENGTH 0x10000ul

static void *map_low(void *hint, unsigned long length, int flags)
{
	errno = 0;
	return mmap(hint, length, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT | flags, -1, 0);
}

static bool is_low(const void *place, unsigned long length)
{
	uintptr_t address = (uintptr_t)place;

	return address >= LOW_BEGIN && address + length <= LOW_END;
}

static void many(void)
{
	for (int i = 0; i < 64; i++) {
		char *place = map_low(NULL, LENGTH, 0);

		if (!CHECK(place != MAP_FAILED && is_low(place, LENGTH)))
			return;
		place[0] = 1;
		place[LENGTH - 1] = 2;
	}
}

static void hints(void)
{
	char *hint = (char *)0x60000000;
	char *place = map_low(hint, LENGTH, 0);

	CHECK(place == hint);
	CHECK(is_low(map_low(hint, LENGTH, 0), LENGTH));
	CHECK(munmap(place, LENGTH) == 0);
	place = map_low((void *)0x7ffff0000000, LENGTH, MAP_FIXED_NOREPLACE);
	CHECK(place == MAP_FAILED || place == (void *)0x7ffff0000000);
}

static void full(void)
{
	unsigned long held = 0, length = 64ul << 20;
	void *places[16];
	int count = 0;

	while (count < 16 && (places[count] = map_low(NULL, length, MAP_NORESERVE)) != MAP_FAILED) {
		CHECK(is_low(places[count++], length));
		held += length;
	}
	CHECK(count < 16 && errno == ENOMEM);
	CHECK(held >= 8 * length);
	while (count > 0)
		CHECK(munmap(places[--count], length) == 0);
	CHECK(map_low(NULL, 2ul << 30, MAP_NORESERVE) == MAP_FAILED && errno == ENOMEM);
}

int main(void)
{
	many();
	hints();
	full();
	return checks_done();
}
