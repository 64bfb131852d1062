/* SPDX-License-Identifier: MIT */
/*
 * A vCPU: a thread of a guest PD with a state page and two modes (abi/purlin/vcpu.h).
 * The mode of one that runs is kept in struct cpu (user_state or kernel_state),
 * since the direct switch changes it; of one that does not, in `in_user`.
 */
#ifndef OBJECT_VCPU_H
#define OBJECT_VCPU_H

#include "base/timeout.h"
#include "object/space.h"
#include "object/thread.h"
#include "purlin/vcpu.h"

struct cpu;

/*
 * The last table that a batch filled by following the guest's, and with what: most fill the
 * same table from the same attachment, many with the same flags. `region` is the number of the
 * 2 MiB that the table maps, ~0 when there is none; valid for this space and as long as the
 * guest's generation is the same.
 */
struct last_map {
	uint64_t region;
	uint64_t *table;
	const struct attachment *attachment;
	uint64_t flags, bits; /* PURLIN_ENTRY_RIGHTS of an entry, and the PTE_* they became */
	const struct space *space;
	uint64_t generation;
};

struct vcpu {
	struct thread thread; /* first: entry.S finds its frame */
	struct guest *guest;
	struct list guest_link;
	struct purlin_vcpu_state *state; /* kernel address; the guest may write it at any time;
					    NULL: not configured */
	struct attachment *attachment;	 /* that holds it */
	bool in_user;
	bool roots_changed;  /* its space died: load roots anew before it goes on */
	struct space *space; /* NULL: none */
	uint64_t entry_syscall, entry_event, kernel_gs;
	struct timeout deadline;
	uint64_t early[PURLIN_EVENT_WORDS]; /* events that came before the state page */

	/* A batch interrupted half-way goes on here. */
	uint32_t batch_next;
	uint64_t batch_pages; /* pages of that entry done */
	struct last_map last;
	uint64_t batch_slot; /* slot of the space it speaks of; 0: the current one */
};

static inline struct vcpu *thread_vcpu(struct thread *thread)
{
	return container_of(thread, struct vcpu, thread);
}

/* The thread part is ending: undo the rest. */
void vcpu_thread_destroy(struct thread *thread);

/* The arch part's own: switching to and from, entries and exits. Lock held. */
void vcpu_load(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_unload(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_leave(struct cpu *cpu, struct vcpu *vcpu);
/* A call in guest kernel mode; true if it was a resume, done here. */
bool vcpu_call(struct vcpu *vcpu);
/* A resume with a batch, for entry.S; takes the lock. True: applied, lock released, go on directly.
 */
bool vcpu_hand_over(void);
/* An exception that entry.S did not hand to the guest itself. */
void vcpu_exception(struct vcpu *vcpu, uint64_t cr2);
/* Enter the guest kernel at entry_event. */
void vcpu_upcall(struct vcpu *vcpu, uint32_t vector, uint64_t error, uint64_t cr2);

/*
 * Apply what the guest noted in its batch. CALL_RESTART: interrupted, repeat the call;
 * PURLIN_BAD_ARGUMENT: the guest was stopped.
 */
status batch_apply(struct vcpu *vcpu);

#endif
