/* SPDX-License-Identifier: MIT */
/* The component's log. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "purlin/calls.h"
#include "runtime/log.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/thread.h"
#include "session/log.h"

#define KERNEL_LOG_BYTES 480 /* of one call of log_write */

static bool kernel_log(void)
{
	purlin_u64 type = 0, rights = 0, badge = 0;

	return !purlin_cap_info(PURLIN_SLOT_LOG, &type, &rights, &badge) && type == PURLIN_TYPE_LOG;
}

static size_t to_kernel(const char *text, size_t bytes)
{
	if (bytes > KERNEL_LOG_BYTES)
		bytes = KERNEL_LOG_BYTES;
	memcpy(message()->word, text, bytes);
	purlin_log_write(PURLIN_SLOT_LOG, bytes);
	return bytes;
}

static size_t to_session(const char *text, size_t bytes)
{
	static purlin_u64 session;

	/* Opened with the first line: a component that says nothing needs no session. */
	if (!session && session_open("LOG", "log", &session))
		return bytes; /* no route: the component is meant to be silent */
	if (bytes > LOG_WRITE_BYTES)
		bytes = LOG_WRITE_BYTES;
	message()->word[0] = bytes;
	memcpy(&message()->word[1], text, bytes);
	rpc(session, LOG_WRITE, 1 + (unsigned int)(bytes + 7) / 8);
	return bytes;
}

/* printf may be called between filling the message buffer and the call: give it back as it was. */
void log_text(const char *text, size_t bytes)
{
	struct purlin_message saved = *message();
	bool direct = kernel_log();

	while (bytes) {
		size_t written = direct ? to_kernel(text, bytes) : to_session(text, bytes);

		text += written;
		bytes -= written;
	}
	*message() = saved;
}

int vprintf(const char *format, va_list arguments)
{
	char text[1024];
	int length = vsnprintf(text, sizeof(text), format, arguments);
	size_t bytes = (size_t)length;

	/* vsnprintf tells the length that the whole text would have. */
	log_text(text, bytes < sizeof(text) ? bytes : sizeof(text) - 1);
	return length;
}

int printf(const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vprintf(format, arguments);
	va_end(arguments);
	return length;
}
