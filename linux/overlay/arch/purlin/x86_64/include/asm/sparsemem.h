/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RAM lies in pieces, with device memory between them: the array of struct page has
 * entries for sections of 64 MiB, and only for those with RAM in them.
 */
#ifndef _ASM_PURLIN_SPARSEMEM_H
#define _ASM_PURLIN_SPARSEMEM_H

#define SECTION_SIZE_BITS	26
#define MAX_PHYSMEM_BITS	46

#endif
