/* SPDX-License-Identifier: MIT */
/* The kernel's log as whole lines. */
#include <string.h>

#include "log_source.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/thread.h"

#define LINE_BYTES 256

static purlin_u64 sequence;
/* A piece of the log, as log_read gave it; it may begin and end inside a line. */
static char text[sizeof(((struct purlin_message *)0)->word)];
static unsigned int text_next, text_end;
/* The line that is being assembled; sent once its end has come. */
static char line[LINE_BYTES];
static unsigned int line_next, line_end;
static bool line_ready;
static bool lost; /* text was overwritten before it was read: skip to the next line */

static bool read_text(void)
{
	purlin_u64 bytes = 0, next = 0;

	if (purlin_log_read(PURLIN_SLOT_LOG, sequence, &bytes, &next) || !bytes)
		return false;
	memcpy(text, message()->word, bytes);
	/* The kernel skips what was overwritten: then the text begins later than was asked. */
	lost = lost || next - bytes != sequence;
	sequence = next;
	text_next = 0;
	text_end = (unsigned int)bytes;
	return true;
}

/* Start with what neither the kernel nor an earlier life of this driver has sent yet. */
purlin_s64 log_source_start(purlin_u64 signal, purlin_u64 bits)
{
	purlin_s64 status = purlin_log_watch(PURLIN_SLOT_LOG, signal, bits);

	return status ? status : purlin_log_uart(PURLIN_SLOT_LOG, 1, &sequence);
}

static void append(const char *more)
{
	unsigned int bytes = (unsigned int)strlen(more);

	memcpy(&line[line_end], more, bytes);
	line_end += bytes;
}

/* A line whose beginning is lost could be taken for another writer's: continue after its end. */
static void tell_loss(void)
{
	line_end = 0;
	append("[kernel] (some lines were lost)");
	line_ready = true;
	while (lost && (text_next < text_end || read_text()))
		lost = text[text_next++] != '\n';
}

/*
 * Assemble the next line, with room left for the CR LF. One that fills the buffer ends there; the
 * kernel cuts components' lines earlier, so that no part of one can pass for another's.
 */
static void put_together(void)
{
	while (!line_ready && (text_next < text_end || read_text())) {
		char character;

		if (lost) {
			tell_loss();
			break;
		}
		character = text[text_next++];
		/* Components write "[name] ..."; lines of the kernel itself get its name. */
		if (!line_end && character != '[' && character != '\n')
			append("[kernel] ");
		if (character != '\n' && character != '\r')
			line[line_end++] = character;
		if (character == '\n' || line_end >= LINE_BYTES - 8)
			line_ready = true;
	}
	if (line_ready && !line_next && line_end <= LINE_BYTES - 2)
		append("\r\n");
}

bool log_source_next(bool fresh, unsigned char *byte)
{
	static unsigned int before; /* bytes of "\r\n" sent before the line */

	if (!line_ready) {
		put_together();
		before = fresh ? 2 : 0;
	}
	if (!line_ready)
		return false;
	if (before < 2) {
		*byte = (unsigned char)"\r\n"[before++];
		return true;
	}
	*byte = (unsigned char)line[line_next++];
	if (line_next == line_end) {
		line_next = 0;
		line_end = 0;
		line_ready = false;
	}
	return true;
}
