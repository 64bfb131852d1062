/* SPDX-License-Identifier: MIT */
/* Letters on the framebuffer that the boot loader left, one bounded step at a time. */
#ifndef DEBUG_SCREEN_H
#define DEBUG_SCREEN_H

#include "base/types.h"
#include "purlin/boot.h"

/* Draw to `pixels`, where the framebuffer is mapped, from the top; what is there is cleared. */
void screen_start(void *pixels, const struct purlin_framebuffer *framebuffer);

/*
 * Clear a line of pixels that has to be cleared, else draw the character. True: it is drawn. Text
 * that has reached the bottom goes on at the top, since scrolling would copy the whole screen; the
 * row after the last is blank.
 */
bool screen_step(char character);

#endif
