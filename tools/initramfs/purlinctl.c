// SPDX-License-Identifier: MIT
/*
 * purlinctl: what a Control session shows and does (session/control.h), for people and programs.
 * The exit status is 0 only if what was asked for is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "session/control.h"

#define DEVICE "/dev/purlin-control"
#define MOST 64
#define DEFAULT_SECONDS 60
#define KIB 1024
#define MIB (1024 * KIB)

typedef uint64_t record[CONTROL_COMPONENT_WORDS];

static const char usage[] =
	"purlinctl list [--json]                  the components that this Linux may act on\n"
	"purlinctl top                            the same, again and again; q ends it\n"
	"purlinctl start NAME [--timeout SECONDS] one that has ended\n"
	"purlinctl stop NAME ...                  it ends and stays away\n"
	"purlinctl kill NAME ...                  it ends as by a fault\n"
	"purlinctl restart NAME ...               it ends and is started\n"
	"purlinctl completion                     what bash needs to complete all this\n";

static const char completion[] =
	"_purlinctl() {\n"
	"	local word=${COMP_WORDS[COMP_CWORD]} words='list top start stop kill restart'\n"
	"	case $COMP_CWORD/${COMP_WORDS[1]} in\n"
	"	1/*) ;;\n"
	"	2/list) words=--json ;;\n"
	"	2/start | 2/stop | 2/kill | 2/restart) words=$(purlinctl names 2>/dev/null) ;;\n"
	"	3/start | 3/stop | 3/kill | 3/restart) words=--timeout ;;\n"
	"	*) words= ;;\n"
	"	esac\n"
	"	COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	"}\n"
	"complete -F _purlinctl purlinctl\n";

/* As CONTROL_START to CONTROL_RESTART. */
static const char *const acts[] = { "", "start", "stop", "kill", "restart" };
static const char *const states[] = { "", "starting", "running", "ended" };

static int control;
static record components[MOST];
static unsigned int count;

static int fail(const char *text)
{
	fprintf(stderr, "purlinctl: %s\n", text);
	return 1;
}

static const char *name_of(const record one)
{
	return (const char *)&one[CONTROL_NAME];
}

static const char *state_of(const record one)
{
	uint64_t state = one[CONTROL_STATE];

	return state <= CONTROL_STATE_ENDED ? states[state] : "unknown";
}

static bool look(void)
{
	ssize_t got = pread(control, components, sizeof(components), 0);

	count = got > 0 ? (unsigned int)got / sizeof(components[0]) : 0;
	return got >= 0;
}

/* By the name, whose final zero init leaves room for. */
static int number_of(const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strncmp(name_of(components[i]), name, CONTROL_NAME_BYTES))
			return (int)i;
	return -1;
}

static const char *uptime_of(const record one, char *text, size_t bytes)
{
	uint64_t seconds = one[CONTROL_UPTIME] / 1000;

	if (one[CONTROL_STATE] == CONTROL_STATE_ENDED)
		return "-";
	snprintf(text, bytes, "%lu:%02lu:%02lu", seconds / 3600, seconds / 60 % 60, seconds % 60);
	return text;
}

/* Used and given, in the unit that fits what is given. */
static const char *memory_of(uint64_t used, uint64_t limit, char *text, size_t bytes)
{
	uint64_t unit = limit >= 16 * MIB ? MIB : KIB;

	if (!limit)
		return "-";
	snprintf(text, bytes, "%lu/%lu %s", (used + unit - 1) / unit, limit / unit,
		 unit == MIB ? "MiB" : "KiB");
	return text;
}

static void print_table(void)
{
	char uptime[24], memory[48], ram[48];

	printf("%-16s %-7s %-9s %10s %7s %8s %16s %16s %8s %7s\n", "NAME", "TYPE", "STATE",
	       "UPTIME", "STARTS", "RESTARTS", "MEMORY", "RAM", "SESSIONS", "DEVICES");
	for (unsigned int i = 0; i < count; i++) {
		const uint64_t *one = components[i];

		printf("%-16.16s %-7s %-9s %10s %7lu %8lu %16s %16s %8lu %7lu\n", name_of(one),
		       one[CONTROL_FLAGS] & CONTROL_FLAG_LINUX ? "linux" : "native", state_of(one),
		       uptime_of(one, uptime, sizeof(uptime)), one[CONTROL_LIVES],
		       one[CONTROL_RESTARTS],
		       memory_of(one[CONTROL_MEMORY_USED], one[CONTROL_MEMORY], memory,
				 sizeof(memory)),
		       memory_of(one[CONTROL_RAM_USED], one[CONTROL_RAM_QUOTA], ram, sizeof(ram)),
		       one[CONTROL_SESSIONS], one[CONTROL_DEVICES]);
	}
}

/* Names have no characters that JSON would want to be escaped but these two. */
static void print_text(const char *name, const char *text)
{
	printf("\"%s\": \"", name);
	for (unsigned int i = 0; i < CONTROL_NAME_BYTES && text[i]; i++)
		printf(text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c", text[i]);
	printf("\"");
}

static void print_json(void)
{
	static const struct {
		const char *name;
		unsigned int word;
	} numbers[] = { { "starts", CONTROL_LIVES },
			{ "restarts", CONTROL_RESTARTS },
			{ "uptime_ms", CONTROL_UPTIME },
			{ "memory", CONTROL_MEMORY },
			{ "memory_used", CONTROL_MEMORY_USED },
			{ "ram", CONTROL_RAM_QUOTA },
			{ "ram_used", CONTROL_RAM_USED },
			{ "sessions", CONTROL_SESSIONS },
			{ "devices", CONTROL_DEVICES } };

	printf("[");
	for (unsigned int i = 0; i < count; i++) {
		const uint64_t *one = components[i];

		printf("%s\n  {", i ? "," : "");
		print_text("name", name_of(one));
		printf(", ");
		print_text("type", one[CONTROL_FLAGS] & CONTROL_FLAG_LINUX ? "linux" : "native");
		printf(", ");
		print_text("state", state_of(one));
		printf(", \"acting\": %s",
		       one[CONTROL_FLAGS] & CONTROL_FLAG_ACTING ? "true" : "false");
		for (unsigned int n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
			printf(", \"%s\": %lu", numbers[n].name, one[numbers[n].word]);
		printf("}");
	}
	printf("\n]\n");
}

static int list(int words, char **word)
{
	bool json = words == 1 && !strcmp(word[0], "--json");

	if (words && !json)
		return fail("list takes --json and nothing else");
	if (!look())
		return fail(strerror(errno));
	if (json)
		print_json();
	else
		print_table();
	return 0;
}

/* What completion offers. */
static int names(void)
{
	if (!look())
		return 1;
	for (unsigned int i = 0; i < count; i++)
		printf("%.16s\n", name_of(components[i]));
	return 0;
}

/* Until somebody types q, or nobody can any more. */
static int top(void)
{
	struct pollfd wait[] = { { .fd = control, .events = POLLIN },
				 { .fd = STDIN_FILENO, .events = POLLIN } };
	struct termios before, raw;
	bool terminal = !tcgetattr(STDIN_FILENO, &before);
	char key = 0;

	if (terminal) {
		raw = before;
		raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	while (key != 'q' && look()) {
		printf("\033[H\033[J");
		print_table();
		fflush(stdout);
		poll(wait, 2, 1000);
		if (wait[1].revents && read(STDIN_FILENO, &key, 1) != 1)
			break;
	}
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return 0;
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

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
	int number = look() ? number_of(name) : -1;
	uint64_t words[2] = { (uint64_t)number, act };

	if (number < 0) {
		fprintf(stderr, "purlinctl: there is no %s that this Linux may act on\n", name);
		return 1;
	}
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

static int act(unsigned int which, int words, char **word)
{
	char *end = NULL;
	long seconds = DEFAULT_SECONDS;

	if (words == 3 && !strcmp(word[1], "--timeout"))
		seconds = strtol(word[2], &end, 10);
	else if (words != 1)
		return fail("the name of one component is wanted");
	if ((end && (*end || end == word[2])) || seconds < 1 || seconds > 86400)
		return fail("--timeout: 1 to 86400 seconds");
	return begin(which, word[0], (int)seconds);
}

static int run(int words, char **word)
{
	control = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (control < 0 && errno == ENOENT)
		return fail("the system description gives this Linux control of nothing");
	if (control < 0)
		return fail(strerror(errno));
	if (!strcmp(word[0], "list"))
		return list(words - 1, word + 1);
	if (!strcmp(word[0], "names"))
		return names();
	if (!strcmp(word[0], "top"))
		return top();
	for (unsigned int i = CONTROL_START; i <= CONTROL_RESTART; i++)
		if (!strcmp(word[0], acts[i]))
			return act(i, words - 1, word + 1);
	fputs(usage, stderr);
	return 2;
}

int main(int words, char **word)
{
	if (words < 2 || !strcmp(word[1], "help") || !strcmp(word[1], "--help")) {
		fputs(usage, words < 2 ? stderr : stdout);
		return words < 2 ? 2 : 0;
	}
	if (!strcmp(word[1], "completion")) {
		fputs(completion, stdout);
		return 0;
	}
	return run(words - 1, word + 1);
}
