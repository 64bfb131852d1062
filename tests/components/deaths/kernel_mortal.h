/* SPDX-License-Identifier: MIT */
/* A component that the kernel ends at its Nth call (kernel_mortal.c). */
#ifndef TEST_KERNEL_MORTAL_H
#define TEST_KERNEL_MORTAL_H

#include "base/types.h"

struct pd;
struct thread;

/* Its calls have to come to trap_call(). */
bool mortal_is(const struct thread *thread);
/* Lock held. True: the component has just ended, and the call is not to be handled. */
bool mortal_before(struct thread *thread, uint64_t number);
/* The call was handled. `pd` is the caller's. */
void mortal_after(struct pd *pd, uint64_t number);
/* A capability table has a page more, or one less. */
void mortal_table_page(bool more);

#endif
