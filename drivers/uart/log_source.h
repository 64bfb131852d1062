/* SPDX-License-Identifier: MIT */
/* The kernel's log as a stream of whole lines, each ending with CR LF. */
#ifndef UART_LOG_SOURCE_H
#define UART_LOG_SOURCE_H

#include <stdbool.h>

#include "purlin/types.h"

/*
 * Take the UART over from the kernel: skip what it has sent itself, and be notified of new text
 * from now on.
 */
purlin_s64 log_source_start(purlin_u64 signal, purlin_u64 bits);
/* The next byte; `fresh` says whether the line sent on begins in the first column. False: nothing.
 */
bool log_source_next(bool fresh, unsigned char *byte);

#endif
