/* SPDX-License-Identifier: MIT */
/*
 * Formatted text (ISO C, 7.21.6): %d %i %u %x %X %o %c %s %p %%, flags '-', '0',
 * ' ', '+' and '#', width and precision (also '*'), lengths hh h l ll z t j. No floating point.
 */
#ifndef LIB_STDIO_H
#define LIB_STDIO_H

#include <stdarg.h>
#include <stddef.h>

int vsnprintf(char *to, size_t bytes, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));
int snprintf(char *to, size_t bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* To the component's log (runtime/log.h). */
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int vprintf(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

#endif
