/* SPDX-License-Identifier: MIT */
/* What init has of each component: set up at boot, or when a Control session adds one (add.h). */
#ifndef INIT_ADMIT_H
#define INIT_ADMIT_H

#include "state.h"

/* Its endpoint, signal, timers, workers. After an error it may be tried again. */
purlin_s64 component_prepare(unsigned int index, const struct component_description *wanted);
/* Its supervisor, which begins when the component has its description. */
purlin_s64 component_supervise(unsigned int index);
/* Whether it has Control sessions. */
bool component_controls(const struct component_description *wanted);

/* By the first thread: all that Control sessions want to be added. */
void admit_all(void);

#endif
