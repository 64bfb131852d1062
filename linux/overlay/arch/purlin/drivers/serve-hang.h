/* SPDX-License-Identifier: GPL-2.0 */
/* Whether what serves devices has stopped to do so. */
#ifndef _PURLIN_SERVE_HANG_H
#define _PURLIN_SERVE_HANG_H

#include <linux/list.h>
#include <linux/types.h>

/* Of a work item. Each is the number of a look, or 0. */
struct purlin_hang {
	u32 wanted;		/* since when it is to be called */
	u32 running;		/* since when it runs */
	u32 oldest;		/* since when the oldest request is in flight */
	const char *name;
	struct list_head list;
};

/* What is watched, from purlin_hang_start() on. Nothing may be added after that. */
void purlin_hang_watch(struct purlin_hang *hang, const char *name);
void purlin_hang_start(void);
/* When something happened, for purlin_hang_oldest(). */
u32 purlin_hang_now(void);
void purlin_hang_wanted(struct purlin_hang *hang);
void purlin_hang_begin(struct purlin_hang *hang);
void purlin_hang_end(struct purlin_hang *hang);
/* By the work item itself: if it does not run any more, this stays, and grows old. */
void purlin_hang_oldest(struct purlin_hang *hang, u32 since);

#endif /* _PURLIN_SERVE_HANG_H */
