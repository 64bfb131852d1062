/* SPDX-License-Identifier: MIT */
/* The register state of threads: creating it, saving and loading it, calls in it. */
#include "arch/context.h"

#include "arch/frame.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "arch/speculation.h"
#include "arch/switch.h"
#include "base/arch.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/guest.h"
#include "object/pd.h"
#include "object/thread.h"

#define XSAVE_MXCSR 24 /* offset in the area, bytes (SDM 1, 13.4.1) */
#define MXCSR_DEFAULT 0x1f80u

_Static_assert(offsetof(struct thread, arch) == 0, "entry.S takes a thread for its frame");
_Static_assert(sizeof(struct frame) % 16 == 0, "the processor aligns the stack it pushes to");

bool switch_unusual;
const uint16_t selector_null;

void context_init(void)
{
	switch_unusual = domain_barriers || !cpu_features.xsaveopt;
}

unsigned int arch_cpu_count(void)
{
	return cpu_count;
}

/* The ids of roots: never used again, other than addresses of PDs. */
void domain_enter(struct cpu *cpu, struct thread *thread)
{
	uint64_t domain = thread->object.type == PURLIN_TYPE_VCPU ?
				  thread_vcpu(thread)->guest->arch.id :
				  thread->pd->tables.id;

	if (cpu->domain != domain)
		domain_leave();
	cpu->domain = domain;
}

status arch_thread_create(struct thread *thread)
{
	struct physical page;
	uint32_t mxcsr = MXCSR_DEFAULT;

	/*
	 * A page: XSAVE wants 64 bytes aligned, and what XCR0 enables (cpu_setup.c) takes less
	 * than 2.7 KiB.
	 */
	page = account_page(thread->object.account);
	if (!physical_valid(page))
		return PURLIN_NO_MEMORY;
	/* A zeroed area is the initial state, but for MXCSR. */
	thread->arch.fpu = arch_physical_to_kernel(page);
	__builtin_memcpy((char *)thread->arch.fpu + XSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
	return PURLIN_OK;
}

void arch_thread_destroy(struct thread *thread)
{
	if (thread->arch.fpu)
		account_page_free(thread->object.account,
				  arch_kernel_to_physical(thread->arch.fpu));
	thread->arch.fpu = NULL;
}

void arch_thread_evict(struct thread *thread)
{
	for (unsigned int i = 0; i < cpu_count; i++) {
		if (cpus[i].current != thread)
			continue;
		/*
		 * It may be in ring 3, or on its way there with this thread's frame. Once it waits
		 * for the lock, its registers are in the frame and it looks at `current` again.
		 */
		if (i != cpu_this()->id)
			tlb_gather(1ull << i);
		/* Nothing is saved, for nobody will run it; entry.S finds no state page either. */
		cpus[i].user_state = NULL;
		cpus[i].kernel_state = NULL;
		cpus[i].current = NULL;
	}
}

void arch_thread_init(struct thread *thread, uint64_t rip, uint64_t rsp, uint64_t argument)
{
	struct frame *frame = &thread->arch.frame;

	*frame = (struct frame){
		.rip = rip,
		.rsp = rsp,
		.rdi = argument,
		.rflags = RFLAGS_FIXED,
		.cs = USER_CS,
		.ss = USER_SS,
	};
	thread->arch.fs_base = 0;
	thread->arch.gs_base = 0;
}
