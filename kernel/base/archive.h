/* SPDX-License-Identifier: MIT */
/* The boot bundle: a cpio archive in "newc" form. Trusts nothing in it. */
#ifndef CORE_ARCHIVE_H
#define CORE_ARCHIVE_H

#include "base/types.h"

/* The member of that name; false: none, or the archive is damaged before it. */
bool archive_find(const void *archive, size_t size, const char *name, const void **data,
		  size_t *bytes);

#endif
