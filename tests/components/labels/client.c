/* SPDX-License-Identifier: MIT */
/* What init makes of a request to open a session, and of a client's end. */
#include <string.h>

#include "../check.h"
#include "labels.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define ARGUMENT_WORD ((PARENT_SERVICE_BYTES + PARENT_LABEL_BYTES) / 8)
#define LABEL_BYTES_WORDS (PARENT_LABEL_BYTES / 8)
#define ARGUMENT 0x1234567890abcdefull

static purlin_s64 open_with_arguments(purlin_u64 *session)
{
	message_put_text(0, PARENT_SERVICE_BYTES, "Label");
	message_put_text(PARENT_SERVICE_BYTES / 8, PARENT_LABEL_BYTES, "fifteen-letters");
	message()->word[ARGUMENT_WORD] = ARGUMENT;
	message()->word[ARGUMENT_WORD + 1] = ~ARGUMENT;
	return rpc_receive(PURLIN_SLOT_PARENT, PARENT_OPEN, ARGUMENT_WORD + 2, session);
}

static void check_words(purlin_u64 session)
{
	const purlin_u64 *word = message()->word;

	check_status("words: asked", rpc(session, LABEL_WORDS, 0), PURLIN_OK);
	check_true("words: label", !strcmp((const char *)word, "client/fifteen-letters"));
	check_equal("words: argument", word[LABEL_BYTES_WORDS], ARGUMENT);
	check_equal("words: second argument", word[LABEL_BYTES_WORDS + 1], ~ARGUMENT);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session, other, own, closed;

	(void)argument;
	check_status("refused by the server", session_open("Label", LABEL_REFUSED, &other),
		     PURLIN_OVERLAP);
	check_status("no capability from the server", session_open("Label", LABEL_EMPTY, &other),
		     PURLIN_BAD_CAPABILITY);
	if (!check_status("open", open_with_arguments(&session), PURLIN_OK))
		return check_sum();
	check_words(session);
	check_status("open a second", session_open("Label", "", &other), PURLIN_OK);
	check_status("badges: asked", rpc(other, LABEL_CLOSED, 0), PURLIN_OK);
	own = message()->word[0];
	closed = message()->word[1];
	if (own < 4) /* the first life */
		component_exit(PARENT_EXIT_RESTART, 0);
	/* Sessions are closed in the opposite order: the first one is the last. */
	check_equal("the session of the earlier life is closed", closed, own - 3);
	check_sum();
	component_exit(PARENT_EXIT_POWER_OFF, 0);
}
