/* SPDX-License-Identifier: MIT */
/*
 * A vCPU: a thread of a guest PD with a state page and two modes (abi/purlin/vcpu.h). How it goes
 * from one mode into the other is the architecture's (object/arch_guest.h).
 *
 * The state page belongs to the guest: what is read from it is read once and made harmless, what is
 * written there is for the guest only.
 */
#ifndef OBJECT_VCPU_H
#define OBJECT_VCPU_H

#include "base/timeout.h"
#include "object/space.h"
#include "object/thread.h"
#include "purlin/vcpu.h"

#define STATE_READ(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define STATE_WRITE(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)

/*
 * Where the last entry of a batch went, and from which attachment with which rights: most go where
 * the one before went. Valid for one generation of the guest.
 */
struct recent {
	uint64_t span; /* number of the span that `table` maps */
	uint64_t *table;
	const struct space *space; /* NULL: the kernel half */
	uint64_t generation;
	const struct attachment *attachment;
	uint64_t flags, bits; /* PURLIN_ENTRY_RIGHTS of an entry, and what they became */
};

#define ENTERED_SPACES 4

struct vcpu {
	struct thread thread; /* first: entry.S finds its frame */
	struct guest *guest;
	struct list guest_link;
	struct purlin_vcpu_state *state; /* kernel address; the guest may write it at any time;
					    NULL: not configured */
	struct attachment *attachment;	 /* that holds it */
	struct arch_vcpu arch;
	bool roots_changed; /* its space died: load other roots before it goes on */
	/*
	 * Protects what follows. The vCPU's own processor holds it to switch without the kernel
	 * lock, others to end a space or to make a slot of the kernel half.
	 */
	uint32_t lock;
	struct space *space; /* NULL: none */
	/* Spaces that it was in and that have not ended, by slot. */
	struct {
		uint64_t slot;
		struct space *space;
	} entered[ENTERED_SPACES];
	uint64_t entry_syscall, entry_event, kernel_gs;
	struct timeout deadline;
	uint64_t early[PURLIN_EVENT_WORDS]; /* events that came before the state page */
	bool early_alert;
	struct timeout alert_again;
	uint64_t steal; /* nanoseconds ready without a processor */

	/* An interrupted batch goes on here. That is not a call's progress (base/call.h): while the
	 * guest handles an event it may add entries, and whichever call comes next goes on. */
	uint32_t batch_next;
	uint64_t batch_pages; /* pages of that entry done */
	struct recent recent;
	uint64_t batch_slot; /* slot of the space it speaks of; 0: the current one */
};

static inline struct vcpu *thread_vcpu(struct thread *thread)
{
	return container_of(thread, struct vcpu, thread);
}

/* The thread part is ending: undo the rest. */
void vcpu_thread_destroy(struct thread *thread);
/* The space ends: afterwards the vCPU neither runs there nor remembers it. */
void vcpu_space_forget(struct vcpu *vcpu, const struct space *space);
/* Its state page goes: afterwards nobody looks at it any more. */
void vcpu_state_forget(struct vcpu *vcpu);

/* For the architecture: the vCPU gets a processor, and loses it. */
void vcpu_runs(struct vcpu *vcpu);
void vcpu_rests(struct vcpu *vcpu);
/* An alert waits and may be taken, as far as alert_masked says. */
bool vcpu_alerted(const struct vcpu *vcpu);
/* An alert cannot be taken in the critical range: look again soon. */
void vcpu_alert_again(struct vcpu *vcpu);
/* The upcall is made now. */
void vcpu_alert_taken(struct vcpu *vcpu);
/* To its first state page, or to another one: what is pending goes along. */
void vcpu_events_take_over(struct vcpu *vcpu, struct purlin_vcpu_state *state);

/*
 * Apply what the guest noted in its batch. CALL_RESTART: interrupted, repeat the call;
 * PURLIN_BAD_ARGUMENT: the guest was stopped.
 */
status batch_apply(struct vcpu *vcpu);

/*
 * The same for what nearly every page fault notes: one entry, which follows a table into the one
 * that the kernel used last. False: the batch is of another kind, use batch_apply().
 */
bool batch_quick(struct vcpu *vcpu);

/*
 * vcpu_switch without the kernel's lock, to a space where the vCPU was before. False: this does not
 * apply, make the call.
 */
bool vcpu_switch_quick(struct vcpu *vcpu, uint64_t slot);

/* Held together with the kernel lock, and taken before a space's. */
static inline void vcpu_lock(struct vcpu *vcpu)
{
	while (!lock_try(&vcpu->lock))
		arch_pause();
}

static inline void vcpu_unlock(struct vcpu *vcpu)
{
	lock_release(&vcpu->lock);
}

#endif
