/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_MMU_H
#define _ASM_PURLIN_MMU_H

typedef struct {
	/*
	 * Fork took rights to write away here, not noted yet; ~0: nothing. Under mmap_lock, held
	 * for writing.
	 */
	unsigned long protect_start, protect_end;
	unsigned int space;	/* capability slot of the space; 0 for init_mm */
	void *vdso;
} mm_context_t;

#define INIT_MM_CONTEXT(mm) .context = { .protect_start = ~0UL, .protect_end = ~0UL, },

#endif
