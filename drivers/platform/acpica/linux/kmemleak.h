/* SPDX-License-Identifier: MIT */
/* The one Linux header an ACPICA source file includes; there is no leak detector here. */
#ifndef PLATFORM_KMEMLEAK_H
#define PLATFORM_KMEMLEAK_H

#define kmemleak_not_leak(pointer) ((void)(pointer))

#endif
