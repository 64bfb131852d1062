/* SPDX-License-Identifier: MIT */
/* What init has to know of the machine. Each folder arch/NAME implements all of it. */
#ifndef INIT_ARCH_H
#define INIT_ARCH_H

#include <stdbool.h>

#include "purlin/types.h"

/* Name of an exception, for reports; NULL: none has this number. */
const char *arch_exception_name(purlin_u64 vector);
/* An access to a page that is not there: the report then names the address. */
bool arch_is_page_fault(purlin_u64 vector);

/* A number that nobody can guess; false: the processor offers none. */
bool arch_random(purlin_u64 *value);

/* Nanoseconds since 1970 now. False: there is no clock. Once, at the start: the clock may be the
 * platform component's afterwards. */
bool arch_wall_clock(purlin_u64 *ns);

/*
 * Where a Linux expects its memory in the kernel half: all of RAM from linear_map on, its image
 * from image_map on. The second is also what separates the entry point in the image's header, which
 * is physical, from the virtual one.
 */
extern const purlin_u64 arch_guest_linear_map, arch_guest_image_map;

#endif
