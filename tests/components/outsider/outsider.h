/* SPDX-License-Identifier: MIT */
/* The parts of the component outsider. */
#ifndef OUTSIDER_H
#define OUTSIDER_H

/* A mapping that outlives its memory needs no memory for that. */
void kept_without_memory(void);

#endif
