/* SPDX-License-Identifier: GPL-2.0 */
/* For code shared with x86: in ring 3 there is no SMAP to switch. */
#ifndef _ASM_PURLIN_SMAP_H
#define _ASM_PURLIN_SMAP_H

#ifdef __ASSEMBLY__
#define ASM_CLAC
#define ASM_STAC
#else
static __always_inline void clac(void)
{
}

static __always_inline void stac(void)
{
}
#endif

#endif /* _ASM_PURLIN_SMAP_H */
