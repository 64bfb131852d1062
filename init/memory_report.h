/* SPDX-License-Identifier: MIT */
/* How much memory each component has used. */
#ifndef INIT_MEMORY_REPORT_H
#define INIT_MEMORY_REPORT_H

/* A line "memory: NAME USED of LIMIT KiB" for each component and for init. */
void report_memory(void);

#endif
