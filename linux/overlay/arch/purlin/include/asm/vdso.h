/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_VDSO_H
#define _ASM_PURLIN_VDSO_H

/* Pages in front of the code: clock data, that of a time namespace, and what newer trees add. */
#ifdef PURLIN_TREE_HAS_VDSO_DATASTORE
#define VVAR_PAGES 4
#define __VDSO_PAGES VVAR_PAGES
#else
#define VVAR_PAGES 2
#endif

/* Bits of the word behind the program headers: what the processor has. */
#define VDSO_HAS_NUMBER	0x1	/* RDTSCP: the vCPU's number */

#ifndef __ASSEMBLY__
extern char vdso_start[], vdso_end[];

#ifndef PURLIN_TREE_HAS_VDSO_DATASTORE
struct mm_struct;
struct vm_area_struct;

/* vdso_data.c: newer trees have the same under this name. */
struct vm_area_struct *vdso_install_vvar_mapping(struct mm_struct *mm, unsigned long address);
#endif
#endif

#endif /* _ASM_PURLIN_VDSO_H */
