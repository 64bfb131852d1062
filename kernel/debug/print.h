/* SPDX-License-Identifier: MIT */
/* Formatted text, one character at a time. */
#ifndef DEBUG_PRINT_H
#define DEBUG_PRINT_H

#include <stdarg.h>

void print_format(void (*put)(char character), const char *format, va_list arguments);

#endif
