/* SPDX-License-Identifier: MIT */
/* What no descriptor may say, and what becomes of a session whose client says it. */
#ifndef SERVED_CRIMES_H
#define SERVED_CRIMES_H

#include <stdint.h>

#include "runtime/device_link.h"

#define CRIMES_QUEUE 32 /* size of the queues */

/* A queue of a session, of which the rules are broken. */
struct prey {
	struct device_link *link;
	unsigned int queue;
	/* A new session, with zeroed queues; and its end. */
	void (*begin)(void);
	void (*end)(void);
	/* Have the server look at the queue, if a new request is not enough for that; may be NULL.
	 */
	void (*provoke)(void);
};

/* Break each rule in a session of its own, and check the reason for which it ends. */
void crimes_commit(const struct prey *prey);

/* In a session that has begun: */
void crime_put(const struct prey *prey, unsigned int number, uint64_t address, uint32_t length,
	       unsigned int flags, unsigned int next);
/* One more made available, at `head`, or a jump of the index by `count`. */
void crime_available(const struct prey *prey, unsigned int head, unsigned int count);
void crime_broken_await(const struct prey *prey, const char *what, unsigned int reason);

#endif
