/* SPDX-License-Identifier: GPL-2.0 */
/* One canary for all tasks in a global variable: GS has no room of the compiler's choice. */
#ifndef _ASM_PURLIN_STACKPROTECTOR_H
#define _ASM_PURLIN_STACKPROTECTOR_H

extern unsigned long __stack_chk_guard;

static __always_inline void boot_init_stack_canary(void)
{
	current->stack_canary = get_random_canary();
	__stack_chk_guard = current->stack_canary;
}

#endif
