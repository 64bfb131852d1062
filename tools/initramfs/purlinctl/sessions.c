// SPDX-License-Identifier: MIT
/* Sessions: which client has one with which server. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "purlinctl.h"

#define TEXT 17 /* of two words, and a final zero */

struct session {
	uint64_t flags;
	char client[TEXT], server[TEXT], service[TEXT], label[TEXT];
};

static void text_of(char *text, const uint64_t *word)
{
	memcpy(text, word, TEXT - 1);
	text[TEXT - 1] = 0;
}

/* The next one. 0: there is none; below: errno says what is wrong. */
static int next_session(uint64_t *place, struct session *one)
{
	uint64_t word[CONTROL_SESSION_WORDS] = { *place };

	if (ioctl(control, CONTROL_IOCTL_SESSION, word))
		return errno == ENODEV ? 0 : -1;
	*place = word[CONTROL_SESSION_NEXT];
	one->flags = word[CONTROL_SESSION_FLAGS];
	text_of(one->client, &word[CONTROL_SESSION_CLIENT]);
	text_of(one->server, &word[CONTROL_SESSION_SERVER]);
	text_of(one->service, &word[CONTROL_SESSION_SERVICE]);
	text_of(one->label, &word[CONTROL_SESSION_LABEL]);
	return 1;
}

/* Those of components that are not ours to look at have no name. */
static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void print_row(const struct session *one)
{
	printf("%-16s %-16s %-16s %-16s %s\n", or_dash(one->client), or_dash(one->server),
	       one->service, or_dash(one->label),
	       one->flags & CONTROL_SESSION_OVER ? "over" : "open");
}

static void print_name(const char *name, const char *text)
{
	if (*text)
		print_text(name, text);
	else
		printf("\"%s\": null", name);
	printf(", ");
}

static void print_object(const struct session *one, bool first)
{
	printf("%s\n  {", first ? "" : ",");
	print_name("client", one->client);
	print_name("server", one->server);
	printf("\"core\": %s, ", one->flags & CONTROL_SESSION_CORE ? "true" : "false");
	print_text("service", one->service);
	printf(", ");
	print_text("label", one->label);
	printf(", ");
	print_text("state", one->flags & CONTROL_SESSION_OVER ? "over" : "open");
	printf("}");
}

int sessions(int words, char **word)
{
	int json = json_wanted(words, word), got;
	uint64_t place = 0;
	struct session one;
	bool first = true;

	if (json < 0)
		return fail("sessions takes --json and nothing else");
	if (json)
		printf("[");
	else
		printf("%-16s %-16s %-16s %-16s %s\n", "CLIENT", "SERVER", "SERVICE", "LABEL",
		       "STATE");
	while ((got = next_session(&place, &one)) > 0) {
		if (json)
			print_object(&one, first);
		else
			print_row(&one);
		first = false;
	}
	if (json)
		printf("\n]\n");
	return got ? fail(strerror(errno)) : 0;
}
