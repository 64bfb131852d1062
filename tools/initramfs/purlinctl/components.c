// SPDX-License-Identifier: MIT
/* The components: what is read of them, as a table, as JSON, again and again. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "purlinctl.h"

#define KIB 1024
#define MIB (1024 * KIB)

record components[MOST];
unsigned int count;

static const char *const states[] = { "", "starting", "running", "ended" };

const char *name_of(const record one)
{
	return (const char *)&one[CONTROL_NAME];
}

const char *state_of(const record one)
{
	uint64_t state = one[CONTROL_STATE];

	return state <= CONTROL_STATE_ENDED ? states[state] : "unknown";
}

bool look(void)
{
	ssize_t got = pread(control, components, sizeof(components), 0);

	count = got > 0 ? (unsigned int)got / sizeof(components[0]) : 0;
	return got >= 0;
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
void print_text(const char *name, const char *text)
{
	printf("\"%s\": \"", name);
	for (unsigned int i = 0; i < CONTROL_NAME_BYTES && text[i]; i++)
		printf(text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c", text[i]);
	printf("\"");
}

int json_wanted(int words, char **word)
{
	if (!words)
		return 0;
	return words == 1 && !strcmp(word[0], "--json") ? 1 : -1;
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

int list(int words, char **word)
{
	int json = json_wanted(words, word);

	if (json < 0)
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
int names(void)
{
	if (!look())
		return 1;
	for (unsigned int i = 0; i < count; i++)
		printf("%.16s\n", name_of(components[i]));
	return 0;
}

/* Until somebody types q, or nobody can any more. */
int top(void)
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
