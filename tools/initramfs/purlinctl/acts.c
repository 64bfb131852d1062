// SPDX-License-Identifier: MIT
/* Acts on components: begun, and waited for. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "purlinctl.h"

#define DEFAULT_SECONDS 60

/* By the name, whose final zero init leaves room for. */
int number_of(const char *name)
{
	if (!look())
		count = 0;
	for (unsigned int i = 0; i < count; i++)
		if (!strncmp(name_of(components[i]), name, CONTROL_NAME_BYTES))
			return (int)i;
	fprintf(stderr, "purlinctl: there is no %s that this Linux may act on\n", name);
	return -1;
}

static const char *refusal(unsigned int act)
{
	switch (errno) {
	case EBUSY:
		return act == CONTROL_START ? "it has not ended" :
					      "something is done to it already";
	case ESRCH:
		return "it has ended";
	case EAGAIN:
		return "too many acts in a short time";
	default:
		return strerror(errno);
	}
}

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool await_started(int number, int seconds)
{
	struct pollfd wait = { .fd = control, .events = POLLIN };
	int64_t deadline = now_ms() + (int64_t)seconds * 1000;

	while (look() && components[number][CONTROL_STATE] == CONTROL_STATE_STARTING) {
		int64_t left = deadline - now_ms();

		if (left <= 0)
			return false;
		poll(&wait, 1, (int)left);
	}
	return true;
}

/* False: not in time. */
static bool await_done(int number, int64_t deadline)
{
	struct pollfd wait = { .fd = control, .events = POLLIN };

	while (look() && components[number][CONTROL_FLAGS] & CONTROL_FLAG_ACTING) {
		int64_t left = deadline - now_ms();

		if (left <= 0)
			return false;
		poll(&wait, 1, (int)left);
	}
	return true;
}

/* How a component has come out of it. */
static bool came_out(unsigned int act, const record one)
{
	if (act == CONTROL_STOP)
		return one[CONTROL_STATE] == CONTROL_STATE_ENDED;
	/* Of one that is killed its description says what follows. */
	return act == CONTROL_KILL || one[CONTROL_STATE] == CONTROL_STATE_RUNNING;
}

static int begin(unsigned int act, const char *name, int seconds)
{
	int number = number_of(name);
	uint64_t words[2] = { (uint64_t)number, act };

	if (number < 0)
		return 1;
	if (write(control, words, sizeof(words)) != sizeof(words)) {
		fprintf(stderr, "purlinctl: %s: %s\n", name, refusal(act));
		return 1;
	}
	if (!await_done(number, now_ms() + (int64_t)seconds * 1000)) {
		fprintf(stderr, "purlinctl: %s: not done within %d s\n", name, seconds);
		return 1;
	}
	if (came_out(act, components[number]))
		return 0;
	fprintf(stderr, "purlinctl: %s: it is %s\n", name, state_of(components[number]));
	return 1;
}

int timeout_of(const char *wanted, int words, char **word)
{
	char *end = NULL;
	long seconds = DEFAULT_SECONDS;

	if (words == 3 && !strcmp(word[1], "--timeout"))
		seconds = strtol(word[2], &end, 10);
	else if (words != 1)
		return -fail(wanted);
	if ((end && (*end || end == word[2])) || seconds < 1 || seconds > 86400)
		return -fail("--timeout: 1 to 86400 seconds");
	return (int)seconds;
}

int act(unsigned int which, int words, char **word)
{
	int seconds = timeout_of("the name of one component is wanted", words, word);

	return seconds < 0 ? 1 : begin(which, word[0], seconds);
}
