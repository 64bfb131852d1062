/* SPDX-License-Identifier: MIT */
/* The stages of a campaign (fate.h). */
#ifndef TEST_STAGES_H
#define TEST_STAGES_H

#include "fate.h"

enum victim { VISITOR, UART, PLATFORM, ECHO };

struct stage {
	enum victim victim; /* whose messages count */
	purlin_u64 fate;
	unsigned int least; /* fewer deaths say that the test has gone blind */
	unsigned int most;
};

/* Signals come as they come: a few of them. */
#define STAGE_ALL 1000
#define STAGES_OF(server, messages, signals)                                                       \
	{ server, FATE_BEFORE, messages, STAGE_ALL }, { server, FATE_AFTER, messages, STAGE_ALL }, \
		{ server, FATE_SIGNAL, signals, signals },                                         \
		{ server, FATE_CLIENT_BEFORE, messages, STAGE_ALL },                               \
	{                                                                                          \
		server, FATE_CLIENT_AFTER, messages, STAGE_ALL                                     \
	}

extern const struct stage stages[];
extern const unsigned int stage_count;

#endif
