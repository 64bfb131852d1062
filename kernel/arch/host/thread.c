// SPDX-License-Identifier: MIT
/* Register state of host threads. */
#include "host.h"
#include "object/account.h"
#include "object/thread.h"

/* The page stands for the FPU state. */
status arch_thread_create(struct thread *thread)
{
	if (host.refuse_thread || account_charge(thread->object.account, 1) != PURLIN_OK)
		return PURLIN_NO_MEMORY;
	thread->arch.created = true;
	return PURLIN_OK;
}

void arch_thread_destroy(struct thread *thread)
{
	if (thread->arch.created)
		account_credit(thread->object.account, 1);
	thread->arch.created = false;
}

void arch_thread_evict(struct thread *thread)
{
	if (host.current == thread)
		host.current = NULL;
}

void arch_thread_init(struct thread *thread, uint64_t rip, uint64_t rsp, uint64_t argument)
{
	thread->arch.rip = rip;
	thread->arch.rsp = rsp;
	thread->arch.start_argument = argument;
}
