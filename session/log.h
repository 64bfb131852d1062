/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * LOG: lines of text for the system's log, for components that do not hold the kernel's log
 * themselves. Server: core, which puts the component's name before each line. Text without a line
 * end is kept until the line is complete, longer than a line of the log, or the session closed.
 * Every byte but printable ASCII and the tab becomes a question mark.
 */
#ifndef SESSION_LOG_H
#define SESSION_LOG_H

#include "session.h"

/* Word 0: number of bytes (0..LOG_WRITE_BYTES), words 1..: the text. BAD_ARGUMENT: too many. */
#define LOG_WRITE 1
#define LOG_WRITE_BYTES 472

#endif
