/* SPDX-License-Identifier: MIT */
/* What unit tests of the kernel share: a small system, and calls by its threads. */
#ifndef KERNEL_SUPPORT_H
#define KERNEL_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/call.h"
#include "object/processor.h"
#include "object/scheduler.h"
#include "base/string.h"
#include "host.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/endpoint.h"
#include "object/irq.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/signal.h"
#include "object/thread.h"
#include "object/timer.h"
#include "purlin/boot.h"
#include "purlin/call_numbers.h"

/* Slots of every PD of a test, besides those of purlin/boot.h. */
#define SLOT_ROOT_ACCOUNT 14 /* the test's root account (not in PDs of pd_new) */
#define SLOT_NEW 20	     /* free from here on */
#define TEST_MESSAGE 0x10000000ull
#define TEST_PRIORITY 32

/* The answer is not there: the thread waits. */
#define WAITS 0x7777

extern struct account root;
extern struct thread *core; /* a thread of a PD that holds everything */

/* cmocka: a fresh system; afterwards everything is destroyed and nothing may be left. */
int system_setup(void **state);
int system_teardown(void **state);
/* For what keeps references beyond the end (the log's watcher). */
extern bool leaks_allowed;
/* The test took pages from the allocator itself. */
extern bool pages_taken;
/* Destroy everything there is and check that all memory is back. */
void system_destroy(void);

/* The test changes objects behind the kernel's back, or has a system of its own: no checks. */
extern bool objects_bent;
/* What must hold of all objects does; looked at after each call, too. */
void system_check(void);

/* Make a call, again when restarted; its status, or WAITS. */
status call(struct thread *caller, uint64_t number, ...);
#define CALL6(caller, name, a, b, c, d, e, f, ...)                                    \
	call(caller, PURLIN_CALL_##name, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), \
	     (uint64_t)(d), (uint64_t)(e), (uint64_t)(f))
#define do_call(caller, ...) CALL6(caller, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
/* What a thread that waited got: its status, or WAITS. */
status answer(struct thread *thread);
unsigned int restarts(void); /* of the last call */
uint64_t result(const struct thread *thread, unsigned int index);
/* The registers of a call that is then made round by round. */
void arguments_set(struct thread *thread, uint64_t number, const uint64_t *arguments);
/* One round of the call that the thread's registers hold; false: that was the last. */
bool round_done(struct thread *thread);

/* More actors. The PD and its thread get slots in core's table from `slot` on; paid by `account`.
 */
struct thread *pd_new(uint64_t account_slot, uint64_t slot, const char *name,
		      unsigned int priority);
struct thread *thread_new(uint64_t pd_slot, uint64_t slot, uint64_t message, unsigned int priority);
/* Copy core's capability into a thread's PD. */
void give(uint64_t pd_slot, uint64_t to, uint64_t from, uint32_t rights, uint64_t badge);
struct object *object_at(struct thread *thread, uint64_t slot);
struct memory *memory_at(uint64_t slot); /* in core's table */
bool page_mapped(struct pd *pd, uint64_t address);
/* Are these pages of the memory, from `offset` on, mapped at the address with these rights? */
void check_mapping(struct pd *pd, uint64_t address, const struct memory *memory, uint64_t offset,
		   uint64_t pages, uint32_t expected);
/* Let this thread be the one its processor runs. */
void run(struct thread *thread);

#endif
