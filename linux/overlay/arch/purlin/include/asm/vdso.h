/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_VDSO_H
#define _ASM_PURLIN_VDSO_H

/* Pages in front of the code: clock data, and that of a time namespace. */
#define VVAR_PAGES 2

#ifndef __ASSEMBLY__
extern char vdso_start[], vdso_end[];
#endif

#endif /* _ASM_PURLIN_VDSO_H */
