// SPDX-License-Identifier: MIT
/* What leaves the kernel: registers and root. What goes into the tables of guests. */
#include "arch/checks.h"
#include "arch/guest.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "base/arch.h"
#include "checks_on/damage.h"
#include "checks_on/walk.h"
#include "debug/log.h"
#include "object/pd.h"
#include "object/attachment.h"
#include "object/vcpu.h"
#include "own.h"

#define IOPL 0x3000ull
#define LOWER_END (1ull << 47)

static void frame_check(const struct thread *thread, struct frame *frame)
{
	if (damage_due(DAMAGE_PRIVILEGE))
		frame->rflags |= IOPL;
	if (frame->rflags & IOPL)
		panic("check: %s leaves with the right to use ports, flags %lx", thread->pd->name,
		      frame->rflags);
	if (damage_due(DAMAGE_ADDRESS))
		frame->rip = LOWER_END;
	if (frame->rip >= LOWER_END && frame->rip < 0 - LOWER_END)
		panic("check: %s leaves to %lx, which is no address", thread->pd->name, frame->rip);
	/* SYSRET brings segments of its own. */
	if (frame->vector == FRAME_SYSCALL)
		return;
	if (damage_due(DAMAGE_SEGMENT))
		frame->cs = KERNEL_CS;
	if ((frame->cs & 3) != 3 || (frame->ss & 3) != 3)
		panic("check: %s leaves with segments of the kernel, cs %lx, ss %lx",
		      thread->pd->name, frame->cs, frame->ss);
}

static bool root_belongs(struct thread *thread, uint64_t root)
{
	const struct vcpu *vcpu;

	if (thread->object.type != PURLIN_TYPE_VCPU)
		return root == thread->pd->tables.root.value;
	vcpu = thread_vcpu(thread);
	if (!vcpu->space)
		return root == vcpu->guest->arch.root.value || root == kernel_root.value;
	return root == vcpu->space->arch.user_root.value ||
	       root == vcpu->space->arch.kernel_root.value;
}

static void thread_check(const struct cpu *cpu, struct thread *next)
{
	uint64_t root;

	if (!next || next != cpu->current)
		return;
	frame_check(next, &next->arch.frame);
	if (damage_due(DAMAGE_ROOT))
		cr3_write(kernel_root.value);
	root = cr3_read() & PTE_ADDRESS;
	if (!root_belongs(next, root))
		panic("check: %s leaves with a root that is not its own, %lx", next->pd->name,
		      root);
}

void checks_leave(struct cpu *cpu, struct thread *next)
{
	waits_stop_clock();
	times_leave();
	walk_round(cpu->processor);
	thread_check(cpu, next);
	if (next)
		waits_begin();
	waits_start_clock();
}

static bool entry_allowed(const struct attachment *at, uint64_t entry, uint64_t bytes)
{
	uint64_t address = entry & PTE_ADDRESS;
	bool cached = (at->rights & MEMORY_CACHE_MASK) == PURLIN_MAP_WRITE_BACK;

	return !at->dying && address >= at->base.value &&
	       address + bytes <= at->base.value + at->pages * PAGE_SIZE &&
	       cached == !(entry & (PTE_PCD | PTE_PWT)) &&
	       (!(entry & PTE_WRITE) || (at->rights & PURLIN_MAP_WRITE));
}

void checks_guest_entry(const struct guest *guest, uint64_t entry, uint64_t bytes)
{
	bool allowed = false;

	if (!(entry & PTE_PRESENT))
		return;
	arch_checks_begin();
	if (damage_due(DAMAGE_FOREIGN))
		entry = (entry & ~PTE_ADDRESS) | kernel_root.value;
	if (damage_due(DAMAGE_CACHE))
		entry |= PTE_PCD | PTE_PWT;
	for (unsigned int i = 0; i < guest->attachments && !allowed; i++)
		allowed = entry_allowed(guest->attachment[i], entry, bytes);
	if (!allowed)
		panic("check: an entry %lx of %s is of no attachment, or has more rights", entry,
		      guest->pd->name);
	arch_checks_end();
}
