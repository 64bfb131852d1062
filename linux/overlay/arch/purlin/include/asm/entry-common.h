/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_ENTRY_COMMON_H
#define _ASM_PURLIN_ENTRY_COMMON_H

#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#define on_thread_stack() \
	(((unsigned long)task_stack_page(current) ^ current_stack_pointer) < THREAD_SIZE)

#endif
