/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For x86's compiler of BPF: which branches it makes instead of plain ones where a processor needs
 * it. cpu_feature_enabled() says of none that it does, so none of these is ever called.
 */
#ifndef _ASM_PURLIN_NOSPEC_BRANCH_H
#define _ASM_PURLIN_NOSPEC_BRANCH_H

#include <linux/types.h>

typedef u8 retpoline_thunk_t[32];

extern retpoline_thunk_t __x86_indirect_thunk_array[];
extern retpoline_thunk_t __x86_indirect_jump_thunk_array[];
void clear_bhb_loop(void);

static inline u8 *its_static_thunk(int reg)
{
	return NULL;
}

static inline bool cpu_wants_rethunk(void)
{
	return false;
}

#define x86_return_thunk	NULL

static inline int x86_call_depth_emit_accounting(u8 **code, void *function, void *address)
{
	return 0;
}

#endif
