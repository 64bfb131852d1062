/* SPDX-License-Identifier: MIT */
/* Parts of the checks to each other. */
#ifndef CHECKS_OWN_H
#define CHECKS_OWN_H

void times_leave(void);
/* With the lock held: what the checks do is not what others wait for. These nest. */
void waits_stop_clock(void);
void waits_start_clock(void);
/* From the first program on. */
void waits_begin(void);
void waits_report(void);

#endif
