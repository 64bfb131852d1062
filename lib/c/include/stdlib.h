/* SPDX-License-Identifier: MIT */
/* Numbers and the heap (ISO C, 7.22), as far as components need them. */
#ifndef LIB_STDLIB_H
#define LIB_STDLIB_H

#include <stddef.h>

/* The heap grows by memory objects of the component's account; safe to use from all its threads. */
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
void free(void *memory);

/* Logs and ends the component. */
_Noreturn void abort(void);

unsigned long strtoul(const char *text, char **end, int base);
long strtol(const char *text, char **end, int base);
unsigned long long strtoull(const char *text, char **end, int base);

#endif
