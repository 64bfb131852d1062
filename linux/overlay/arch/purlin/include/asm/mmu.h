/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_MMU_H
#define _ASM_PURLIN_MMU_H

/*
 * Present entries taken out of the page tables, but not yet out of the
 * microkernel's: all lie in [stale_start, stale_end); a flush tells it.
 */
typedef struct {
	unsigned long stale_start;
	unsigned long stale_end;
	/* Fork took rights to write away here, not noted yet; ~0: nothing. */
	unsigned long protect_start, protect_end;
	unsigned int space;	/* capability slot of the space; 0 for init_mm */
	void *vdso;
} mm_context_t;

#define INIT_MM_CONTEXT(mm) .context = { .stale_start = ~0UL, },

#endif
