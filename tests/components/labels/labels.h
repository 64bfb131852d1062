/* SPDX-License-Identifier: MIT */
/* Label: the session of a server that tells what init told it. */
#ifndef TEST_LABELS_H
#define TEST_LABELS_H

#include "session/parent.h"

/* Labels of sessions: this one is refused with OVERLAP, for that one no capability comes. */
#define LABEL_REFUSED "refused"
#define LABEL_EMPTY "empty"

/* Reply: the words of SERVER_OPEN, as many as came. */
#define LABEL_WORDS 1
/* Reply: word 0: badge of this session, word 1: badge of the session that was closed last, or 0. */
#define LABEL_CLOSED 2

#endif
