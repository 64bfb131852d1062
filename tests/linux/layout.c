// SPDX-License-Identifier: MIT
/*
 * Where a program's parts lie, from one start to the next: the room below the stack, into which it
 * grows, is nobody's, and places differ. `layout once` is such a start, and says its places.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "check.h"

#define STARTS 1000
#define MEGABYTES (1ul << 20)
#define ROOM (127 * MEGABYTES) /* mmap leaves 128 MiB at least, a guard included */

struct places {
	uintptr_t stack, mapping, program;
};

/* With the lowest address of the stack's area, which is not all that a stack may grow to. */
static int once(void)
{
	struct places places = { .program = (uintptr_t)&checks_held };
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[stack]"))
			places.stack = strtoull(line, NULL, 16);
	places.mapping =
		(uintptr_t)mmap(NULL, 2 * MEGABYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return fwrite(&places, sizeof(places), 1, stdout) != 1;
}

static struct places started(void)
{
	struct places places = { 0 };
	int ends[2], status;
	pid_t child;

	REQUIRE(pipe(ends) == 0);
	child = fork();
	if (!child) {
		personality(0);
		dup2(ends[1], STDOUT_FILENO);
		execl("/proc/self/exe", "layout", "once", NULL);
		_exit(1);
	}
	close(ends[1]);
	REQUIRE(read(ends[0], &places, sizeof(places)) == sizeof(places));
	close(ends[0]);
	REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status));
	return places;
}

int main(int argc, char **argv)
{
	unsigned long too_near = 0, stacks = 0, mappings = 0;
	struct places places = { 0 }, before;

	if (argc > 1 && !strcmp(argv[1], "once"))
		return once();
	for (int i = 0; i < STARTS; i++) {
		before = places;
		places = started();
		/* Above the stack is as wrong: what comes next lies below. */
		too_near += places.stack < places.mapping || places.stack - places.mapping < ROOM;
		stacks += places.stack != before.stack;
		mappings += places.mapping != before.mapping;
	}
	CHECK(too_near == 0);
	CHECK(stacks > STARTS * 9 / 10);
	CHECK(mappings > STARTS * 9 / 10);
	return checks_done();
}
