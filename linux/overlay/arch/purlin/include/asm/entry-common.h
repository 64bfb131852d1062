/* SPDX-License-Identifier: GPL-2.0 */
/* The generic entry code needs nothing from this port beyond its defaults. */
#ifndef _ASM_PURLIN_ENTRY_COMMON_H
#define _ASM_PURLIN_ENTRY_COMMON_H

#endif
