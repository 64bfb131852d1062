/* SPDX-License-Identifier: MIT */
/* LOG: lines of components, each behind the label of its session. */
#include <stdio.h>

#include "service.h"
#include "session/log.h"

/* Drop control characters, so that a client cannot move a terminal's cursor back over its label. C1
 * controls have bytes above ASCII. */
static char printable(char character)
{
	return (character >= ' ' && character <= '~') || character == '\t' ? character : '?';
}

static void end_line(struct session *session)
{
	printf("%s: %.*s\n", session->label, (int)session->line_bytes, session->line);
	session->line_bytes = 0;
}

static purlin_s64 log_request(struct session *session, struct request *request)
{
	const char *text = (const char *)&request->word[1];

	if (request->operation != LOG_WRITE)
		return PURLIN_BAD_CALL;
	if (request->word[0] > LOG_WRITE_BYTES)
		return PURLIN_BAD_ARGUMENT;
	for (purlin_u64 i = 0; i < request->word[0]; i++) {
		if (text[i] != '\n')
			session->line[session->line_bytes++] = printable(text[i]);
		if (text[i] == '\n' || session->line_bytes == sizeof(session->line))
			end_line(session);
	}
	return PURLIN_OK;
}

static void log_close(struct session *session)
{
	if (session->line_bytes)
		end_line(session);
}

const struct service service_log = { .request = log_request, .close = log_close };
