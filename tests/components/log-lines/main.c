/* SPDX-License-Identifier: MIT */
/*
 * Writes parts of lines, bytes that are no text, and lines that are too long; the scenario sees
 * whole lines.
 */
#include <stdbool.h>
#include <string.h>

#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "session/log.h"

static purlin_u64 session;

static bool write_text(const char *text)
{
	size_t bytes = strlen(text);

	message()->word[0] = bytes;
	memcpy(&message()->word[1], text, bytes);
	return !rpc(session, LOG_WRITE, 1 + (unsigned int)(bytes + 7) / 8);
}

int component_main(purlin_u64 argument)
{
	char line[LOG_WRITE_BYTES + 1] = { 0 };

	(void)argument;
	memset(line, 'x', LOG_WRITE_BYTES);
	line[LOG_WRITE_BYTES - 1] = 'y';
	if (session_open("LOG", "lines", &session))
		return 1;
	return write_text("two\nlines\n") && write_text("\r[init] forged\n") &&
			       write_text("\x1b[2J\x7f\xc2\x9bK\tend\n") && write_text("") &&
			       write_text("begun ") && write_text("and ended\n") &&
			       write_text(line) && write_text("\n") && write_text("last words") ?
		       0 :
		       2;
}
