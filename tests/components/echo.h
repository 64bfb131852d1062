/* SPDX-License-Identifier: MIT */
/* Echo: the session of a server that can be made to crash. */
#ifndef TEST_ECHO_H
#define TEST_ECHO_H

#include "session/session.h"

/* Word 0: a number. Reply: word 0: the number plus one. */
#define ECHO_NEXT 1
/* The server reads address 0. */
#define ECHO_CRASH 2

#endif
