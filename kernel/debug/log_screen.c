// SPDX-License-Identifier: MIT
/* The log on the screen: what is drawn, and when. */
#include "debug/log_screen.h"

#include "base/arch.h"
#include "base/timeout.h"
#include "debug/screen.h"

#define STEPS 8 /* in a row, with the kernel lock held */
#define AGAIN_MS 1
#define TAIL 1024 /* bytes of the log that a fresh screen begins with: a panic fits below */

static struct purlin_framebuffer place;
static void *pixels;
static uint64_t drawn;	     /* bytes since boot */
static unsigned int objects; /* memory objects of the framebuffer */
static bool deferred;
static bool taken; /* by a panic */
static struct timeout again;

static bool drawing(void)
{
	return pixels && (!objects || taken);
}

/* From the top, beginning with a whole line. */
static void start_over(void)
{
	uint64_t written = log_ring_end();

	screen_start(pixels, &place);
	drawn = written > TAIL ? written - TAIL : 0;
	while (drawn > 0 && drawn < written && log_ring_byte(drawn - 1) != '\n')
		drawn++;
}

/* Others may write to the ring meanwhile. They only add, and what they add is drawn later. */
static void draw(unsigned int steps)
{
	uint64_t end = log_ring_end();

	if (end - drawn > 2 * TAIL) /* behind what can be read at leisure, or even overwritten */
		drawn = end - 2 * TAIL;
	for (; drawn < end && steps > 0; steps--)
		drawn += screen_step(log_ring_byte(drawn));
}

static void draw_again(struct timeout *timeout)
{
	(void)timeout;
	draw(drawing() ? STEPS : 0);
	log_screen_wake();
}

void log_screen_wake(void)
{
	if (!drawing() || drawn == log_ring_end())
		return;
	if (!deferred)
		log_screen_flush();
	else if (!again.set)
		timeout_set(&again, arch_time() + arch_time_hz() / 1000 * AGAIN_MS);
}

void log_screen_flush(void)
{
	while (drawing() && drawn < log_ring_end())
		draw(STEPS);
}

void log_screen_defer(void)
{
	again.function = draw_again;
	deferred = true;
}

void log_screen_start(void *mapped, const struct purlin_framebuffer *framebuffer)
{
	place = *framebuffer;
	pixels = mapped;
	start_over();
	log_screen_flush();
}

void log_screen_panic(void)
{
	/*
	 * Whoever has it: a panic that nobody can read helps nobody. Timeouts do not come any
	 * more.
	 */
	taken = true;
	deferred = false;
	if (pixels)
		start_over();
	log_screen_flush();
}

void log_screen_memory(struct physical base, uint64_t pages, bool exists)
{
	uint64_t size = (uint64_t)place.pitch * place.height;

	if (base.value >= place.base + size || base.value + pages * PAGE_SIZE <= place.base)
		return;
	/*
	 * While anybody has an object of it, the picture is theirs: two would draw over each
	 * other.
	 */
	objects += exists ? 1u : ~0u;
	if (pixels && !objects)
		start_over();
	log_screen_wake();
}
