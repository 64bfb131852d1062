/* SPDX-License-Identifier: MIT */
/* The end of the machine's run. */
#ifndef INIT_END_H
#define INIT_END_H

#include "lib/description/description.h"
#include "purlin/types.h"

purlin_s64 end_prepare(void);
/* Ask for it; the first thread does it. */
void request_end(enum end_action action, const char *component);
/* Ask the first thread to admit what Control sessions add: admit.h. */
void request_admission(void);
/* Wait until somebody asks, and end the run; admit meanwhile what is to be admitted. Returns when
 * an end is impossible. */
void end_await(void (*admit)(void));

#endif
