/* SPDX-License-Identifier: MIT */
/* The clients of a terminal, one of whom is in front: whose output is seen, and who gets keys. */
#ifndef MULTIPLEXER_CHANNELS_H
#define MULTIPLEXER_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/serves.h"

#define CHANNELS 16
#define CHANNEL_OUTPUT_BYTES 0x4000
#define CHANNEL_INPUT_BYTES 0x400
#define CHANNEL_KEY 0x1d /* Ctrl-] */

struct channel {
	char rule[PARENT_SERVES_BYTES];
	const char *name, *owner; /* in `rule` */
	bool used;		  /* there is a client */
	/* Indices run freely. */
	uint32_t output_head, output_tail;
	uint32_t lost; /* bytes of output that found no room */
	uint32_t input_head, input_tail;
	uint8_t output[CHANNEL_OUTPUT_BYTES];
	uint8_t input[CHANNEL_INPUT_BYTES];
};

/* Read the rules, "NAME COMPONENT"; the first one's channel is in front. NULL, or what is wrong. */
const char *channels_read(void);
/* By whom and by which name it was asked for; NULL: the description gives no such one. */
struct channel *channel_of(const char *component, const char *name);
struct channel *channel_front(void);

/*
 * Output of a client, CHANNEL_OUTPUT_BYTES at most: how many of them were taken. In front, as many
 * as there is room for; else all, and the oldest that were not seen yet are lost.
 */
uint32_t channel_put(struct channel *channel, const uint8_t *from, uint32_t bytes);
/* What the terminal gets next; how many bytes. */
uint32_t channels_output(uint8_t *to, uint32_t most);

/* A byte from the terminal: a key of ours, or input of the channel in front. */
void channels_key(uint8_t byte);
/* Input that the channel's client has not got yet. */
uint32_t channel_input(const struct channel *channel);
uint32_t channel_get(struct channel *channel, uint8_t *to, uint32_t most);

#endif
