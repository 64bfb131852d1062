/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_VDSO_VSYSCALL_H
#define _ASM_PURLIN_VDSO_VSYSCALL_H

#ifndef __ASSEMBLY__

#include <vdso/datapage.h>

#ifndef PURLIN_TREE_HAS_VDSO_DATASTORE
#include <linux/timekeeper_internal.h>

extern struct vdso_data *vdso_data;

static __always_inline struct vdso_data *purlin_vdso_data(void)
{
	return vdso_data;
}

#define __arch_get_k_vdso_data purlin_vdso_data
#endif

#include <asm-generic/vdso/vsyscall.h>

#endif /* !__ASSEMBLY__ */
#endif /* _ASM_PURLIN_VDSO_VSYSCALL_H */
