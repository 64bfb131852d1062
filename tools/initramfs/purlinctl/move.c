// SPDX-License-Identifier: MIT
/* A PCI function, and its group, to another component: begun, and waited for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "devices.h"
#include "purlinctl.h"

#define HERE "here"
#define LOOK_AGAIN_MS 20 /* nobody tells of changes */

/* bus:device.function, as `purlinctl devices` prints it; -1: it is none. */
static int place_of(const char *text)
{
	unsigned int bus, device, function;
	char rest;

	if (sscanf(text, "%2x:%2x.%1o%c", &bus, &device, &function, &rest) != 3 || device > 31)
		return -1;
	return (int)(bus << 8 | device << 3 | function);
}

/* As in SERVER_OPEN: this Linux, then those of `control` (session/devices.h). */
static int name_number(const char *name)
{
	int number;

	if (!strcmp(name, HERE))
		return 0;
	number = number_of(name);
	return number < 0 ? number : number + 1;
}

static bool find(uint64_t bdf, reply word)
{
	for (uint64_t i = 0; !ask(DEVICES_FUNCTION, i, 0, word); i++)
		if (word[DEVICES_FUNCTION_BDF] == bdf)
			return true;
	return false;
}

/* Whoever has it and is not to give it back is who was to have it. */
static bool has_come(const reply word)
{
	return (word[DEVICES_FUNCTION_FLAGS] & (DEVICES_OWNED | DEVICES_MOVING)) == DEVICES_OWNED;
}

static int report_late(const reply word, int seconds)
{
	char owner[LABEL], client[LABEL], reason[REASON];

	text_of(owner, sizeof(owner), &word[DEVICES_FUNCTION_OWNER]);
	text_of(client, sizeof(client), &word[DEVICES_FUNCTION_CLIENT]);
	text_of(reason, sizeof(reason), &word[DEVICES_FUNCTION_REASON]);
	fprintf(stderr, "purlinctl: not done within %d s: ", seconds);
	if (*owner)
		fprintf(stderr, "%s has not given it back\n", owner);
	else if (*client)
		fprintf(stderr, "%s was refused it: %s\n", client, reason);
	else
		fprintf(stderr, "nobody has taken it\n");
	return 1;
}

static int await(uint64_t bdf, int seconds)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000 };
	int64_t deadline = now_ms() + (int64_t)seconds * 1000;
	char owner[LABEL];
	reply word;

	for (;;) {
		if (!find(bdf, word))
			return fail("it is gone");
		if (has_come(word))
			break;
		if (now_ms() >= deadline)
			return report_late(word, seconds);
		nanosleep(&pause, NULL);
	}
	printf(PLACE " is with %s\n", PLACE_OF(bdf),
	       text_of(owner, sizeof(owner), &word[DEVICES_FUNCTION_OWNER]));
	return 0;
}

static const char *refusal(void)
{
	switch (errno) {
	case ENODEV:
		return "`purlinctl devices` does not show it";
	case EPERM:
	case EACCES:
		return "the system description does not allow it: `moves` here, `pci` there, and "
		       "`used-devices` there if the device cannot be reset";
	case EAGAIN:
		return "that component neither runs nor waits for a device";
	case EBUSY:
		return "it is being taken out, or goes together with a device of somebody else's";
	default:
		return strerror(errno);
	}
}

int move(int words, char **word)
{
	int bdf, number, seconds;
	reply request;

	if (words < 2)
		return fail("a device and the name of a component are wanted");
	bdf = place_of(word[0]);
	if (bdf < 0)
		return fail("a device is bus:device.function, as `purlinctl devices` prints it");
	seconds =
		timeout_of("a device and the name of a component are wanted", words - 1, word + 1);
	number = seconds < 0 ? -1 : name_number(word[1]);
	if (number < 0)
		return 1;
	if (!ask(DEVICES_MOVE, (uint64_t)bdf, (uint64_t)number, request))
		return await((uint64_t)bdf, seconds);
	fprintf(stderr, "purlinctl: %s: %s\n", word[0], refusal());
	return 1;
}
