// SPDX-License-Identifier: MIT
/*
 * purlinctl: what a Control session shows and does (session/control.h), for people and programs.
 * The exit status is 0 only if what was asked for is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "purlinctl.h"

#define DEVICE "/dev/purlin-control"

int control;

static const char usage[] =
	"purlinctl list [--json]                  the components that this Linux may act on\n"
	"purlinctl sessions [--json]              who has a session with whom\n"
	"purlinctl devices [--json]               what they have of the machine, if Devices is "
	"routed\n"
	"purlinctl move DEVICE NAME ...           another of them is to have it; here: this Linux\n"
	"purlinctl top                            the same, again and again; q ends it\n"
	"purlinctl start NAME [--timeout SECONDS] one that has ended\n"
	"purlinctl stop NAME ...                  it ends and stays away\n"
	"purlinctl kill NAME ...                  it ends as by a fault\n"
	"purlinctl restart NAME ...               it ends and is started\n"
	"purlinctl ram NAME [SIZE] ...           how much RAM a Linux has, or is to have now "
	"(512M, 2G)\n"
	"purlinctl add FILE [--timeout SECONDS]   components that the file describes, if `adds` "
	"allows it\n"
	"purlinctl completion                     what bash needs to complete all this\n";

static const char completion[] =
	"_purlinctl() {\n"
	"	local word=${COMP_WORDS[COMP_CWORD]} words='list sessions devices move top add "
	"ram start stop kill restart'\n"
	"	case $COMP_CWORD/${COMP_WORDS[1]} in\n"
	"	1/*) ;;\n"
	"	2/list | 2/sessions | 2/devices) words=--json ;;\n"
	"	2/ram | 2/start | 2/stop | 2/kill | 2/restart) words=$(purlinctl names "
	"2>/dev/null) ;;\n"
	"	2/move) words=$(purlinctl places 2>/dev/null) ;;\n"
	"	3/move) words=\"here $(purlinctl names 2>/dev/null)\" ;;\n"
	"	2/add) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
	"	4/move | 3/add | 3/start | 3/stop | 3/kill | 3/restart) words=--timeout ;;\n"
	"	*) words= ;;\n"
	"	esac\n"
	"	COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	"}\n"
	"complete -F _purlinctl purlinctl\n";

/* As CONTROL_START to CONTROL_RESTART. */
static const char *const acts[] = { "", "start", "stop", "kill", "restart" };

int fail(const char *text)
{
	fprintf(stderr, "purlinctl: %s\n", text);
	return 1;
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
	if (!strcmp(word[0], "places"))
		return places();
	if (!strcmp(word[0], "top"))
		return top();
	if (!strcmp(word[0], "add"))
		return add(words - 1, word + 1);
	if (!strcmp(word[0], "ram"))
		return ram(words - 1, word + 1);
	if (!strcmp(word[0], "sessions"))
		return sessions(words - 1, word + 1);
	if (!strcmp(word[0], "devices"))
		return devices(words - 1, word + 1);
	if (!strcmp(word[0], "move"))
		return move(words - 1, word + 1);
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
