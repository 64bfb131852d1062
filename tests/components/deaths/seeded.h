/* SPDX-License-Identifier: MIT */
/* Faults of a server that the test has to find: each implementation has one, or none. */
#ifndef TEST_SEEDED_H
#define TEST_SEEDED_H

void seeded_at_close(void); /* a session is closed */
void seeded_at_death(void); /* the server is about to die */

#endif
