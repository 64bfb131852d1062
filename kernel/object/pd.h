/* SPDX-License-Identifier: MIT */
/* Protection domain: capability table, page tables, threads; or a guest. */
#ifndef OBJECT_PD_H
#define OBJECT_PD_H

#include "arch/frame.h"
#include "object/binding.h"
#include "object/capability.h"
#include "purlin/message.h"

struct guest;
struct thread;

enum pd_state { PD_RUNS = 0, PD_EXITED = 1, PD_FAULTED = 2, PD_STOPPED = 3 };

#define PD_REGIONS_MAX 4096
#define PD_THREADS_MAX 128 /* all are stopped in one go */

struct pd {
	struct object object;
	char name[PURLIN_NAME_BYTES + 1];
	uint32_t flags;			      /* PURLIN_PD_* */
	uint64_t processors;		      /* a bit for each that its threads may be bound to */
	struct capability_table capabilities; /* paid by object.account */
	struct list threads;		      /* struct thread.pd_link */
	unsigned int thread_count;
	struct thread *first_thread; /* its exit is the PD's */

	/* Not for guests. */
	struct page_tables tables;
	struct list regions; /* struct region.pd_link, by address */
	uint32_t region_count;

	struct guest *guest; /* NULL until the first guest call, or native */

	struct signal_binding watch; /* told of faults and exits */

	/* What pd_status tells. */
	uint32_t state; /* enum pd_state */
	uint64_t reason, address;
	uint64_t fault_cr2, fault_error, fault_cpu;
};

status pd_create(struct account *account, uint32_t slots, uint32_t flags, uint64_t processors,
		 struct pd **created);
/* May what belongs to the PD be placed on this processor? BAD_ARGUMENT: there is none; NO_RIGHT. */
status pd_processor_check(const struct pd *pd, uint64_t cpu);

/* All threads of the PD stop for good; status and watcher are told (a guest's misbehaviour). */
void pd_stop(struct pd *pd, uint64_t reason, uint64_t address);
/* Record why, tell the watcher. The first report stays. */
void pd_report(struct pd *pd, enum pd_state state, uint64_t reason, uint64_t address);

OBJECT_OF(pd)

static inline bool pd_is_guest(const struct pd *pd)
{
	return pd->flags & PURLIN_PD_GUEST;
}

#endif
