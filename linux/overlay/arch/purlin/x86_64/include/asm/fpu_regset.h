/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_FPU_REGSET_H
#define _ASM_PURLIN_FPU_REGSET_H

#include <linux/regset.h>

/*
 * NT_PRFPREG and NT_X86_XSTATE. Tasks to be read are current or stopped;
 * those to be written are stopped, so that their state lies in memory.
 */
user_regset_active_fn fpregs_active, xstateregs_active;
user_regset_get2_fn fpregs_get, xstateregs_get;
user_regset_set_fn fpregs_set, xstateregs_set;

#endif /* _ASM_PURLIN_FPU_REGSET_H */
