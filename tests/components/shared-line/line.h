/* SPDX-License-Identifier: MIT */
/* Two components whose devices assert one line. */
#ifndef TESTS_SHARED_LINE_H
#define TESTS_SHARED_LINE_H

#include "../edu/edu.h"

/* The service of the hostile one, announced when its device asserts the line, unanswered. */
#define LINE_SERVICE "Hostile"
/* Ack so often, word 0, and leave the device as it is. */
#define LINE_ACK 1
/* Serve the device, ack, and raise again. */
#define LINE_SERVE 2

/* The session's device, its line bound and open. */
bool line_start(struct edu *edu);

#endif
