/* SPDX-License-Identifier: MIT */
/* The terminal that is shared: a Terminal session. */
#ifndef MULTIPLEXER_TERMINAL_H
#define MULTIPLEXER_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/device_service.h"

/* Bits of the service's signal. */
#define TERMINAL_NEWS DEVICE_FIRST_BIT /* there is room, or input */
/* Its server has ended, and is there again or not. */
#define TERMINAL_ENDED (DEVICE_FIRST_BIT << 1)

purlin_s64 terminal_open(const char *label, purlin_u64 signal);
/* After TERMINAL_ENDED: go on with the server that is there now, if there is one. */
void terminal_again(void);

/*
 * Room for output, in bytes: without a server all there is, so that nobody waits for a terminal
 * that will not come back.
 */
uint32_t terminal_room(void);
/* At most as many as there is room for. */
void terminal_write(const uint8_t *from, uint32_t bytes);
/* The next byte of input; false: there is none. */
bool terminal_read(uint8_t *byte);

#endif
