/* SPDX-License-Identifier: MIT */
/*
 * The component's log: the kernel's, when the component holds it (slot
 * PURLIN_SLOT_LOG), else a LOG session. printf of <stdio.h> writes here.
 * The caller's message buffer keeps its contents.
 */
#ifndef RUNTIME_LOG_H
#define RUNTIME_LOG_H

#include <stddef.h>

void log_text(const char *text, size_t bytes);

#endif
