/* SPDX-License-Identifier: MIT */
/* Requests of session/devices.h at /dev/purlin-control. */
#ifndef PURLINCTL_DEVICES_H
#define PURLINCTL_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "session/control.h"
#include "session/devices.h"

#define LABEL 33   /* and a final zero */
#define REASON 129 /* likewise */

#define PLACE "%02llx:%02llx.%llx"
#define PLACE_OF(bdf)                                                        \
	(unsigned long long)(bdf) >> 8, (unsigned long long)(bdf) >> 3 & 31, \
		(unsigned long long)(bdf)&7

typedef uint64_t reply[CONTROL_DEVICES_WORDS];

/* 0, or -1: errno says why; ENODEV is the end of a list. */
int ask(uint64_t operation, uint64_t first, uint64_t second, reply word);
/* So many bytes of the words, and a zero. */
const char *text_of(char *text, size_t bytes, const uint64_t *word);

#endif
