/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_MMU_CONTEXT_H
#define _ASM_PURLIN_MMU_CONTEXT_H

#include <linux/mm_types.h>
#include <asm-generic/mm_hooks.h>

#define init_new_context init_new_context
int init_new_context(struct task_struct *task, struct mm_struct *mm);

#define destroy_context destroy_context
void destroy_context(struct mm_struct *mm);

void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *task);

#define activate_mm activate_mm
static inline void activate_mm(struct mm_struct *prev, struct mm_struct *next)
{
	switch_mm(prev, next, NULL);
}

#define enter_lazy_tlb enter_lazy_tlb
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *task);

#include <asm-generic/mmu_context.h>

#endif
