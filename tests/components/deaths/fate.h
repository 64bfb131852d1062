/* SPDX-License-Identifier: MIT */
/*
 * Fates: outlives all others, says who dies at which message and how, and compares what is free.
 *
 * A campaign has stages: a victim, a way, and N = 1, 2, ... until nothing is left that could be the
 * victim's Nth message. Each life of the visitor is one try. All of it is done three times: what is
 * free at a life of the third round has to be what was free at the same life of the second.
 */
#ifndef TEST_FATE_H
#define TEST_FATE_H

#include "session/session.h"

/* Label of a session that nobody opens: the server says what it holds, and asks for its fate. */
#define FATE_CENSUS "census"

/* A server asks for its fate at the beginning of a life of the visitor. Reply: word 0: FATE_*,
 * word 1: N. Messages are counted from here on. */
#define FATE_ASK 1
#define FATE_NONE 0
#define FATE_BEFORE 1	     /* the server dies before it handles its message N */
#define FATE_AFTER 2	     /* after that, before it replies */
#define FATE_SIGNAL 3	     /* at its signal N */
#define FATE_CLIENT_BEFORE 4 /* the client dies before the server handles message N */
#define FATE_CLIENT_AFTER 5  /* after that, before the server replies */
#define FATE_CALLER 6	     /* the client dies at the Nth request that it makes of anybody */

/* Message N has come. Word 0: its operation. Returns when the client is dead, where it is to die.
 */
#define FATE_MET 2

/* A life of the visitor begins. Capability 0: the signal that ends it. Reply: word 0: FATE_CALLER,
 * FATE_NONE or VISITOR_DONE, word 1: N, word 2: the N of this life, whoever the victim is. */
#define FATE_VISIT 3
#define VISITOR_DONE 100

#endif
