/* SPDX-License-Identifier: MIT */
/* Decides who dies at which message (fate.h), and compares the free pages of the rounds. */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "fate.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"
#include "stages.h"

#define ROUNDS 3
#define MOST_VISITS 1024
#define FIRST_BADGE (SERVER_PARENT_BADGE + 1) /* and one for each component below */

static const char *const names[] = {
	[VISITOR] = "visitor",
	[UART] = "uart",
	[PLATFORM] = "platform",
	[ECHO] = "echo",
};
#define COMPONENTS (sizeof(names) / sizeof(names[0]))

static purlin_u64 endpoint, urgent_signal;
static unsigned int round, stage, number, visits, lives;
static bool given, met;
static purlin_u64 free_pages[2][MOST_VISITS]; /* of the round before, of this one */

static purlin_s64 open(struct request *request)
{
	char label[PARENT_LABEL_BYTES + 1];
	purlin_u64 session;
	purlin_s64 status;

	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	*strchr(label, '/') = 0;
	for (unsigned int i = 0; i < COMPONENTS; i++) {
		if (strcmp(label, names[i]))
			continue;
		status = server_badge(endpoint, FIRST_BADGE + i, &session);
		if (status)
			return status;
		request_reply_word(request, FIRST_BADGE + i);
		request_reply_cap(request, session, true);
		return PURLIN_OK;
	}
	return PURLIN_NO_DEVICE;
}

static void end_round(void)
{
	printf("end of round %u\n", round);
	if (++round == ROUNDS)
		check_sum();
	stage = 0;
	visits = 0;
	memcpy(free_pages[0], free_pages[1], sizeof(free_pages[0]));
}

/* The fate that was given last was not met: the victim has no such message. */
static void end_stage(void)
{
	const struct stage *done = &stages[stage];
	unsigned int deaths = met ? number : number - 1;

	printf("round %u: %s, way %lu: %u deaths\n", round, names[done->victim], done->fate,
	       deaths);
	check_true("each message was met", deaths >= done->least);
	number = 0;
	given = false;
	if (++stage == stage_count)
		end_round();
}

/* The victim's next fate; NONE if it is another's turn. */
static void ask(unsigned int victim, struct request *request)
{
	if (given && stages[stage].victim == victim && (!met || number == stages[stage].most))
		end_stage();
	if (round == ROUNDS || stages[stage].victim != victim) {
		request_reply_word(request, FATE_NONE);
		request_reply_word(request, 0);
		return;
	}
	given = true;
	met = false;
	request_reply_word(request, stages[stage].fate);
	request_reply_word(request, ++number);
}

static purlin_s64 meet(const struct request *request)
{
	const struct stage *now = &stages[stage];
	bool client = now->fate == FATE_CLIENT_BEFORE || now->fate == FATE_CLIENT_AFTER;

	met = true;
	printf("%s at message %u of %s, operation 0x%lx, way %lu\n",
	       client ? "the client dies" : "death", number, names[now->victim], request->word[0],
	       now->fate);
	if (client)
		purlin_signal_notify(urgent_signal, 1);
	return PURLIN_OK;
}

/*
 * What is free at a life has to be what was free at this life of the round before, but after a
 * signal: at which of the visitor's requests that came is not the same each time.
 */
static void compare(void)
{
	static bool after_signal;
	bool signal = stages[stage].fate == FATE_SIGNAL, same = !signal && !after_signal;
	purlin_u64 free = 0;

	after_signal = signal;
	(void)purlin_trace_counter(PURLIN_SLOT_LOG, PURLIN_COUNTER_FREE_PAGES, &free);
	printf("life %u: %lu pages free%s\n", lives, free, same ? ", to be compared" : "");
	if (!same)
		return;
	if (round > 1 && round < ROUNDS && free_pages[0][visits] != free)
		check_equal("free pages", free, free_pages[0][visits]);
	free_pages[1][visits++ % MOST_VISITS] = free;
}

static purlin_s64 visit(struct request *request)
{
	if (!request->caps)
		return PURLIN_BAD_CAPABILITY;
	slot_delete(urgent_signal);
	urgent_signal = request->cap[0];
	request->cap[0] = 0;
	ask(0, request);
	compare();
	if (round == ROUNDS)
		request->reply[0] = VISITOR_DONE;
	request_reply_word(request, number);
	lives++;
	return PURLIN_OK;
}

static purlin_s64 handle(void *context, struct request *request)
{
	(void)context;
	if (request->badge == SERVER_PARENT_BADGE)
		return request->operation == SERVER_OPEN  ? open(request) :
		       request->operation == SERVER_CLOSE ? PURLIN_OK :
							    PURLIN_BAD_CALL;
	switch (request->operation) {
	case FATE_ASK:
		ask((unsigned int)(request->badge - FIRST_BADGE), request);
		return PURLIN_OK;
	case FATE_MET:
		return meet(request);
	case FATE_VISIT:
		return visit(request);
	default:
		return PURLIN_BAD_CALL;
	}
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle };

	(void)argument;
	if (server_announce("Fates", &endpoint))
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
