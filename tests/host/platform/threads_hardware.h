/* SPDX-License-Identifier: MIT */
#ifndef TESTS_THREADS_HARDWARE_H
#define TESTS_THREADS_HARDWARE_H

/*
 * The machine under the threads of the service. The test has this part: it fails where it is not
 * the turn of the thread that calls.
 */
void check_turn(void);

/* How often the machine was switched off; pages pinned now. */
extern unsigned int powered_off, pins;

#endif
