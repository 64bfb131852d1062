/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_CACHEFLUSH_H
#define _ASM_PURLIN_CACHEFLUSH_H

void batch_apply(void);

/* New kernel mappings are in the batch only: hand them over before their use. */
#define flush_cache_vmap flush_cache_vmap
static inline void flush_cache_vmap(unsigned long start, unsigned long end)
{
	batch_apply();
}

#define flush_cache_vmap_early flush_cache_vmap

#include <asm-generic/cacheflush.h>

#endif
