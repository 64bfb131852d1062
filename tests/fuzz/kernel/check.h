/* SPDX-License-Identifier: MIT */
/*
 * What must hold of all kernel objects together whenever the lock is free: every page charged is
 * accounted for, references are as many as there are pointers, a thread is in the queue of its
 * state, and what two objects say of each other agrees.
 */
#ifndef TESTS_FUZZ_KERNEL_CHECK_H
#define TESTS_FUZZ_KERNEL_CHECK_H

#include "base/types.h"

struct object;
struct pd;
struct thread;

/* From an account down; `roots`: the other objects made at boot. */
void objects_check(struct object *account, struct object *const *roots, unsigned int count);

/* For the target's own checks: called for each PD; and a pointer in the kernel that counts. */
void reference_seen(struct object *object);

/* What the architecture adds. Pages that the PD's account pays for its space or its guest: */
uint64_t model_space_pages(struct pd *pd);
/* An object of a type that only the architecture knows. */
uint64_t model_object_pages(struct object *object);
uint64_t model_thread_pages(const struct thread *thread);
/* The page tables of a PD are as its regions or attachments say. */
void model_pd_check(struct pd *pd);

#endif
