/* SPDX-License-Identifier: MIT */
/* Saying what became of a component. */
#ifndef INIT_REPORT_H
#define INIT_REPORT_H

#include <stdbool.h>

#include "state.h"

/* One line about a component, prefixed with its name. */
void report(const struct component *component, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * The same about something that the component can do as often as it likes: there is a budget of
 * lines. The number of dropped lines is told with the next line, or when the component ends. Called
 * by its supervisor only.
 */
void report_request(struct component *component, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_requests_end(struct component *component);
bool has_ended(const struct component *component);
/* Report why the kernel stopped the component. False: it runs. */
bool report_status(const struct component *component, bool *fault);

#endif
