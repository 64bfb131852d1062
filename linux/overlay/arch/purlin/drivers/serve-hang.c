// SPDX-License-Identifier: GPL-2.0
/*
 * Whether this Linux has stopped to serve though it takes interrupts: a request that is in flight
 * for too long, or work of ours that does not begin or does not end. Then it ends by a panic, and
 * its next life has devices that were reset, and the same requests. How long is too long, the
 * description says (`watchdog`); it also has init look whether interrupts are taken at all.
 *
 * Time is counted in looks, a few in what is allowed. So a machine that stood still, or that gave
 * this Linux no processor, has not made anything older. The looks are interrupts of a timer:
 * neither a thread nor a softirq that does not come to its end keeps them away.
 */
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/panic.h>
#include <asm/environment.h>
#include "serve-hang.h"

#define LOOKS	4	/* within the time that is allowed */

static LIST_HEAD(watched);	/* complete before the first look */
static u32 looks = 1;		/* 0 means never */
static u64 seconds;
static struct hrtimer timer;

u32 purlin_hang_now(void)
{
	return READ_ONCE(looks);
}

void purlin_hang_watch(struct purlin_hang *hang, const char *name)
{
	hang->name = name;
	list_add_tail(&hang->list, &watched);
}

void purlin_hang_wanted(struct purlin_hang *hang)
{
	cmpxchg(&hang->wanted, 0, purlin_hang_now());
}

void purlin_hang_begin(struct purlin_hang *hang)
{
	WRITE_ONCE(hang->running, purlin_hang_now());
	xchg(&hang->wanted, 0);
}

void purlin_hang_end(struct purlin_hang *hang)
{
	WRITE_ONCE(hang->running, 0);
}

void purlin_hang_oldest(struct purlin_hang *hang, u32 since)
{
	WRITE_ONCE(hang->oldest, since);
}

static bool is_late(u32 since)
{
	return since && looks - since > LOOKS;
}

static const char *hangs(const struct purlin_hang *hang)
{
	if (is_late(READ_ONCE(hang->oldest)))
		return "a request has not been answered";
	if (is_late(READ_ONCE(hang->running)))
		return "work has not come to its end";
	return is_late(READ_ONCE(hang->wanted)) ? "work has not begun" : NULL;
}

static enum hrtimer_restart look(struct hrtimer *timer)
{
	struct purlin_hang *hang;

	WRITE_ONCE(looks, looks + 1 ?: 1);
	list_for_each_entry(hang, &watched, list)
		if (hangs(hang))
			panic("purlin-serve: %s hangs: %s for %llu s", hang->name, hangs(hang),
			      seconds);
	/* Looks that were missed are not made up for. */
	hrtimer_forward_now(timer, ns_to_ktime(seconds * NSEC_PER_SEC / LOOKS));
	return HRTIMER_RESTART;
}

void __init purlin_hang_start(void)
{
	seconds = purlin_environment_u64("purlin,watchdog");
	if (!seconds || list_empty(&watched))
		return;
#ifdef PURLIN_TREE_HAS_HRTIMER_SETUP
	hrtimer_setup(&timer, look, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
#else
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	timer.function = look;
#endif
	hrtimer_start(&timer, ns_to_ktime(seconds * NSEC_PER_SEC / LOOKS), HRTIMER_MODE_REL_HARD);
}
