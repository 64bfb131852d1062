/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_VDSO_DATA_H
#define _ASM_PURLIN_VDSO_DATA_H

/* The clock needs nothing beside the generic data. */
struct arch_vdso_data {
};

#endif /* _ASM_PURLIN_VDSO_DATA_H */
