/* SPDX-License-Identifier: MIT */
/* The life of a component. */
#ifndef INIT_SUPERVISOR_H
#define INIT_SUPERVISOR_H

/* Never returns: the thread of one component. */
void supervise(void *component);

#endif
