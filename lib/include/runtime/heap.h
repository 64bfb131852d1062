/* SPDX-License-Identifier: MIT */
/* The heap behind malloc() (stdlib.h). */
#ifndef RUNTIME_HEAP_H
#define RUNTIME_HEAP_H

/* How many blocks are taken: tells what somebody forgot to free. */
unsigned int heap_blocks_in_use(void);

#endif
