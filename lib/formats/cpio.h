/* SPDX-License-Identifier: MIT */
/* Archives in the "newc" form of cpio: the boot bundle. Safe against any contents. */
#ifndef FORMATS_CPIO_H
#define FORMATS_CPIO_H

#include <stdbool.h>
#include <stddef.h>

struct cpio_member {
	const char *name; /* ends with a zero */
	const void *data;
	size_t bytes;
};

/*
 * The member whose header lies at *offset (start with 0); moves *offset to the next. False at
 * the end of the archive, or where it is damaged.
 */
bool cpio_next(const void *archive, size_t bytes, size_t *offset, struct cpio_member *member);
bool cpio_find(const void *archive, size_t bytes, const char *name, struct cpio_member *member);

#endif
