/* SPDX-License-Identifier: MIT */
/* The memory and text functions the compiler and the kernel use. */
#ifndef BASE_STRING_H
#define BASE_STRING_H

#include "base/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *left, const char *right);

#endif
