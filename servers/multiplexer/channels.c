/* SPDX-License-Identifier: MIT */
/* Who is in front, what the others have written meanwhile, and the keys that change it. */
#include "channels.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NOTICE_BYTES 4096
#define NOTICE_LINE (2 * PARENT_SERVES_BYTES) /* more than any line of ours: a rule, and words */

static struct channel channels[CHANNELS];
static unsigned int count, front;
static bool key_begun;
/* Our own words to the person at the terminal; they go first. */
static char notice[NOTICE_BYTES];
static unsigned int notice_end, notice_at;

/* What finds no room is not said: whoever types faster than the terminal shows it knows why. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list list;

	if (notice_end + NOTICE_LINE > NOTICE_BYTES)
		return;
	va_start(list, format);
	notice_end += (unsigned int)vsnprintf(notice + notice_end, NOTICE_LINE, format, list);
	va_end(list);
}

static uint32_t unseen(const struct channel *channel)
{
	return channel->output_head - channel->output_tail;
}

/*
 * A client must not leave the terminal in a state that hides what the next one writes: DECSTR (DEC
 * STD 070, "soft terminal reset") shows the cursor and forgets attributes, margins and character
 * sets.
 */
static void front_change(unsigned int to)
{
	struct channel *channel = &channels[to];

	front = to;
	say("\x1b[!p\r\n[%u %s of %s]\r\n", to + 1, channel->name, channel->owner);
	if (channel->lost)
		say("[%u bytes of its output are lost]\r\n", channel->lost);
	channel->lost = 0;
}

static void list_all(void)
{
	say("\r\n");
	for (unsigned int i = 0; i < count; i++) {
		const struct channel *channel = &channels[i];

		say("[%u %s of %s: %s%u bytes unseen]\r\n", i + 1, channel->name, channel->owner,
		    channel->used ? "" : "nobody there, ", unseen(channel) + channel->lost);
	}
}

static void help(void)
{
	say("\r\n[Ctrl-] and then: 1 to 9 that channel, n the next, p the one before, l all of "
	    "them, "
	    "Ctrl-] itself]\r\n");
}

const char *channels_read(void)
{
	purlin_s64 status;

	for (count = 0;; count++) {
		struct channel *channel = &channels[count];
		char more[PARENT_SERVES_BYTES], *at = channel->rule;

		status = serves_read(count, count < CHANNELS ? channel->rule : more);
		if (status == PURLIN_NO_DEVICE)
			break;
		if (status || count == CHANNELS)
			return "too many channels";
		channel->name = serves_word(&at);
		channel->owner = serves_word(&at);
		if (!*channel->owner || *at)
			return "a rule of serves is not \"NAME COMPONENT\"";
		for (unsigned int i = 0; i < count; i++)
			if (!strcmp(channels[i].name, channel->name) &&
			    !strcmp(channels[i].owner, channel->owner))
				return "two rules of serves are the same";
	}
	if (!count)
		return "the description says no channels (serves)";
	help();
	front_change(0);
	return NULL;
}

struct channel *channel_of(const char *component, const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(channels[i].owner, component) && !strcmp(channels[i].name, name))
			return &channels[i];
	return NULL;
}

struct channel *channel_front(void)
{
	return &channels[front];
}

uint32_t channel_put(struct channel *channel, const uint8_t *from, uint32_t bytes)
{
	uint32_t room = CHANNEL_OUTPUT_BYTES - unseen(channel);

	if (channel == channel_front()) {
		bytes = bytes < room ? bytes : room;
	} else if (bytes > room) {
		channel->output_tail += bytes - room;
		channel->lost += bytes - room;
	}
	for (uint32_t i = 0; i < bytes; i++)
		channel->output[channel->output_head++ % CHANNEL_OUTPUT_BYTES] = from[i];
	return bytes;
}

uint32_t channels_output(uint8_t *to, uint32_t most)
{
	struct channel *channel = channel_front();
	uint32_t done = 0;

	while (done < most && notice_at < notice_end)
		to[done++] = (uint8_t)notice[notice_at++];
	if (notice_at == notice_end)
		notice_at = notice_end = 0;
	while (done < most && unseen(channel))
		to[done++] = channel->output[channel->output_tail++ % CHANNEL_OUTPUT_BYTES];
	return done;
}

/* Keys that nobody reads are lost, as with any terminal. */
static void input_put(struct channel *channel, uint8_t byte)
{
	if (channel->used && channel_input(channel) < CHANNEL_INPUT_BYTES)
		channel->input[channel->input_head++ % CHANNEL_INPUT_BYTES] = byte;
}

static void command(uint8_t byte)
{
	if (byte >= '1' && byte <= '9' && byte - '1' < (int)count)
		front_change(byte - '1');
	else if (byte == 'n')
		front_change((front + 1) % count);
	else if (byte == 'p')
		front_change((front + count - 1) % count);
	else if (byte == 'l')
		list_all();
	else if (byte == CHANNEL_KEY)
		input_put(channel_front(), byte);
	else
		help();
}

void channels_key(uint8_t byte)
{
	if (key_begun) {
		key_begun = false;
		command(byte);
	} else if (byte == CHANNEL_KEY) {
		key_begun = true;
	} else {
		input_put(channel_front(), byte);
	}
}

uint32_t channel_input(const struct channel *channel)
{
	return channel->input_head - channel->input_tail;
}

uint32_t channel_get(struct channel *channel, uint8_t *to, uint32_t most)
{
	uint32_t done = 0;

	while (done < most && channel_input(channel))
		to[done++] = channel->input[channel->input_tail++ % CHANNEL_INPUT_BYTES];
	return done;
}
